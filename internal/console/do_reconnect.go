package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// doReconnect logs in with what was typed, and only then keeps it. An empty password
// is the one that is kept, which is not sent to settings that were changed.
func doReconnect(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	settings, err := accountSettings(form)
	if err != nil {
		return "", err
	}
	done, err := by.ReconnectAccount(r.Context(), r.PathValue("address"), settings)
	if err != nil {
		return "", err
	}
	return goOn(done.Account.Address+" has logged in and is connected.", done.Effect), nil
}

func accountSettings(form url.Values) (operator.AccountSettings, error) {
	var s operator.AccountSettings
	var err error
	if s.Version, err = strconv.ParseInt(form.Get("version"), 10, 64); err != nil || s.Version <= 0 {
		return s, &operator.Invalid{Field: "version", Text: "the form does not say which settings it has shown; load the page again"}
	}
	err = typedSettings(form, &s)
	return s, err
}

// typedSettings are those of the fields that a form has.
func typedSettings(form url.Values, s *operator.AccountSettings) error {
	for field, to := range map[string]**string{"name": &s.Name, "host": &s.Host, "tls": &s.TLS, "username": &s.Username} {
		if values, ok := form[field]; ok {
			text := strings.TrimSpace(values[0])
			*to = &text
		}
	}
	if text := strings.TrimSpace(form.Get("port")); text != "" && text != form.Get("port_shown") { // as shown it follows TLS
		port, err := strconv.Atoi(text)
		if err != nil {
			return &operator.Invalid{Field: "port", Problem: fmt.Sprintf("is %q; expected 1 to 65535", text)}
		}
		s.Port = &port
	}
	if password := form.Get("password"); password != "" {
		secret := campaign.Secret(password)
		s.Password = &secret
	}
	return typedMailbox(form, &s.Mailbox)
}

// typedMailbox is the part about the mailbox: without a host its mail is not read.
func typedMailbox(form url.Values, s *operator.MailboxSettings) error {
	host, ok := form["imap_host"]
	if !ok {
		return nil
	}
	if host := strings.TrimSpace(host[0]); host == "" {
		s.Off = true
		return nil
	}
	for field, to := range map[string]**string{"imap_host": &s.Host, "imap_tls": &s.TLS, "imap_username": &s.Username} {
		if values, ok := form[field]; ok {
			text := strings.TrimSpace(values[0])
			*to = &text
		}
	}
	if text := strings.TrimSpace(form.Get("imap_port")); text != "" && text != form.Get("imap_port_shown") { // as shown it follows TLS
		port, err := strconv.Atoi(text)
		if err != nil {
			return &operator.Invalid{Field: "imap_port", Problem: fmt.Sprintf("is %q; expected 1 to 65535", text)}
		}
		s.Port = &port
	}
	if password := form.Get("imap_password"); password != "" {
		secret := campaign.Secret(password)
		s.Password = &secret
	}
	return nil
}
