package workspace

import (
	"strconv"
	"strings"

	"relance/internal/campaign"
)

// imap reads where an account's mail is read; nil when the file does not say. The port follows
// from tls, implicit unless it is given; username and password are those of smtp.
func (r *reader) imap(n *node, path, username string) *campaign.IMAP {
	if n == nil || n.kind == aNull {
		return nil
	}
	got := r.mapping(n, path, "host", "port", "tls", "username", "password", "folders")
	if got == nil {
		return nil
	}
	m := &campaign.IMAP{TLS: campaign.TLSImplicit, Username: username}
	m.Host = strings.TrimSpace(r.need(got["host"], n, path+".host", "the name of the server, for example imap.example.com"))
	if m.Host != "" && !campaign.IsHost(m.Host) {
		r.add(got["host"].line, path+".host", "%q is not the name of a server; expected for example imap.example.com, with the port under port", m.Host)
	}
	if tls := got["tls"]; tls != nil {
		var ok bool
		if m.TLS, ok = campaign.ParseTLS(tls.text); !ok {
			modes := campaign.TLSModes()
			r.add(tls.line, path+".tls", "%s is not a kind of TLS%s; expected %s", value(tls), meant(tls.text, modes), listed(modes))
		}
	}
	m.Port = m.TLS.IMAPPort()
	if port := got["port"]; port != nil {
		number, err := strconv.Atoi(port.text)
		if err != nil || !campaign.IsPort(number) {
			r.add(port.line, path+".port", "%s is not a port; expected a number from 1 to 65535", value(port))
		}
		m.Port = number
	}
	if got["username"] != nil {
		m.Username = r.text(got["username"], path+".username")
	}
	if got["password"] != nil {
		m.Password = r.password(got["password"], path+".password")
	}
	if got["folders"] != nil {
		m.Folders = list(r, got["folders"], path+".folders", r.text)
	}
	return m
}

// onReply reads what becomes of an enrollment when the person answers; "" when the file does not say.
func (r *reader) onReply(n *node, path string) campaign.OnReply {
	switch said := campaign.OnReply(strings.TrimSpace(r.text(n, path))); said {
	case "", campaign.EndOnReply, campaign.GoOnAfterReply:
		return said
	case "exit":
		return campaign.EndOnReply
	case "continue":
		return campaign.GoOnAfterReply
	default:
		r.add(n.line, path, "%q is not known; expected exit (the person's enrollments end) or continue", said)
		return ""
	}
}

// flag reads true or false.
func (r *reader) flag(n *node, path string, otherwise bool) bool {
	if n == nil || n.kind == aNull {
		return otherwise
	}
	if n.kind != aBool || n.text != "true" && n.text != "false" {
		r.add(n.line, path, "this is %s; expected true or false", shown(n))
		return otherwise
	}
	return n.text == "true"
}
