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
	for field, to := range map[string]**string{"host": &s.Host, "tls": &s.TLS, "username": &s.Username} {
		if values, ok := form[field]; ok {
			text := strings.TrimSpace(values[0])
			*to = &text
		}
	}
	if text := strings.TrimSpace(form.Get("port")); text != "" && text != form.Get("port_shown") { // as shown it follows TLS
		port, err := strconv.Atoi(text)
		if err != nil {
			return s, &operator.Invalid{Field: "port", Problem: fmt.Sprintf("is %q; expected 1 to 65535", text)}
		}
		s.Port = &port
	}
	if s.TLS != nil && s.Host != nil && strings.EqualFold(*s.TLS, string(campaign.TLSNone)) && !isLoopbackHost(*s.Host) && form.Get("tls_shown") != string(campaign.TLSNone) {
		return s, &operator.Invalid{Field: "tls", Text: "the password would be sent without encryption, which is allowed to a server on this machine only; use starter email-account reconnect for an exception"}
	}
	if password := form.Get("password"); password != "" {
		secret := campaign.Secret(password)
		s.Password = &secret
	}
	return s, nil
}
