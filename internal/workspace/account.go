package workspace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"relance/internal/campaign"
)

// providers give tokens with which accounts log in: those of internal/oauth.
var providers = []string{"google", "microsoft", "dev"}

func (r *reader) account(n *node, path string) campaign.EmailAccount {
	got := r.mapping(n, path, "address", "name", "smtp", "imap", "pace")
	if got == nil {
		return campaign.EmailAccount{}
	}
	a := campaign.EmailAccount{Name: strings.TrimSpace(r.text(got["name"], path+".name")), Status: campaign.AccountConnected}
	r.need(got["address"], n, path+".address", "the sending address")
	if got["address"] != nil && got["address"].kind == aText {
		a.Address = r.address(got["address"], path+".address")
	}
	if got["smtp"] == nil {
		r.add(n.line, path+".smtp", "missing; expected {host: smtp.example.com, password: {env: NAME}}")
	} else {
		a.SMTP = r.smtp(got["smtp"], path+".smtp", a.Address)
	}
	a.IMAP, a.Pace = r.imap(got["imap"], path+".imap", cmp.Or(a.SMTP.Username, a.Address)), r.pace(got["pace"], path+".pace")
	return a
}

// smtp reads how to reach a server. The port follows from tls and the username
// is the address, unless they are given; username: "" means no login, and oauth a login with
// a provider's token instead of a password.
func (r *reader) smtp(n *node, path, address string) campaign.SMTP {
	got := r.mapping(n, path, "host", "port", "tls", "username", "password", "oauth")
	if got == nil {
		return campaign.SMTP{}
	}
	s := campaign.SMTP{TLS: campaign.TLSStartTLS, Username: address}
	s.Host = strings.TrimSpace(r.need(got["host"], n, path+".host", "the name of the server, for example smtp.example.com"))
	if s.Host != "" && !campaign.IsHost(s.Host) {
		r.add(got["host"].line, path+".host", "%q is not the name of a server; expected for example smtp.example.com, with the port under port", s.Host)
	}
	if tls := got["tls"]; tls != nil {
		var ok bool
		if s.TLS, ok = campaign.ParseTLS(tls.text); !ok {
			modes := campaign.TLSModes()
			r.add(tls.line, path+".tls", "%s is not a kind of TLS%s; expected %s", value(tls), meant(tls.text, modes), listed(modes))
		}
	}
	s.Port = s.TLS.Port()
	if port := got["port"]; port != nil {
		number, err := strconv.Atoi(port.text)
		if err != nil || !campaign.IsPort(number) {
			r.add(port.line, path+".port", "%s is not a port; expected a number from 1 to 65535", value(port))
		}
		s.Port = number
	}
	if got["username"] != nil {
		s.Username = r.text(got["username"], path+".username")
	}
	login := got["username"] == nil || s.Username != "" || got["username"].kind != aText
	if got["oauth"] != nil {
		if s.Provider = r.text(got["oauth"], path+".oauth"); !slices.Contains(providers, s.Provider) {
			r.add(got["oauth"].line, path+".oauth", "%s gives no tokens that are known%s; expected %s", value(got["oauth"]), meant(s.Provider, providers), listed(providers))
		}
		if got["password"] != nil {
			r.add(got["password"].line, path+".password", "a password and oauth; expected one of them")
		}
		return s
	}
	if got["password"] != nil {
		s.Password = r.password(got["password"], path+".password")
	} else if login {
		r.add(n.line, path+".password", "missing; expected {env: NAME} or {file: PATH} (or username: \"\" for a server without login)")
	}
	return s
}

// password reads {env: NAME}, {file: PATH} or a plain text. Errors name the
// variable or the file, never a password.
func (r *reader) password(n *node, path string) campaign.Secret {
	const expected = "expected {env: NAME} or {file: PATH}"
	switch n.kind {
	case aText:
		if n.text == "" {
			r.add(n.line, path, "empty; %s", expected)
		}
		return campaign.Secret(n.text)
	case aNumber, aBool:
		r.add(n.line, path, "this is read as %s; quote it, or write {env: NAME}", n.kind)
		return ""
	case aMap:
	case aNull, aList:
		r.add(n.line, path, "this is %s; %s", shown(n), expected)
		return ""
	}
	got := r.mapping(n, path, "env", "file")
	switch env, file := got["env"], got["file"]; {
	case env != nil && file != nil, env == nil && file == nil:
		r.add(n.line, path, "%s, one of them", expected)
	case env != nil:
		name := strings.TrimPrefix(r.text(env, path+".env"), "$")
		secret, ok := r.lookupEnv(name)
		switch {
		case name == "" && env.kind == aText:
			r.add(env.line, path+".env", "empty; expected the name of an environment variable")
		case name != "" && !ok:
			r.add(env.line, path+".env", "the environment variable %s is not set; set it to the password and try again", name)
		case name != "" && secret == "":
			r.add(env.line, path+".env", "the environment variable %s is empty; set it to the password and try again", name)
		}
		return campaign.Secret(secret)
	default:
		name := r.text(file, path+".file")
		if name == "" {
			return ""
		}
		secret, err := r.ReadFile(r.beside(name))
		switch {
		case err != nil:
			r.add(file.line, path+".file", "%v; expected a file that holds the password", err)
		case len(strings.TrimRight(string(secret), "\r\n")) == 0:
			r.add(file.line, path+".file", "the file %s is empty; expected the password", name)
		}
		return campaign.Secret(strings.TrimRight(string(secret), "\r\n"))
	}
	return ""
}
