package settings

import (
	"fmt"
	"net"
	"net/url"

	"relance/internal/unsubscribe"
)

// Links make and read the addresses by which recipients unsubscribe.
func (s Settings) Links() unsubscribe.Links { return unsubscribe.New(s.PublicURL, s.SecretKey) }

// checkPublic refuses a public address that mail programs would not take: they POST to https only
// (RFC 8058 §3.1). This machine may do without, for the dev stack and tests.
func (s Settings) checkPublic() (errs []error) {
	if s.PublicURL != "" {
		address, err := url.Parse(s.PublicURL)
		switch {
		case err != nil || address.Host == "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil,
			address.Scheme != "https" && !(address.Scheme == "http" && isLoopback(address.Hostname())):
			errs = append(errs, fmt.Errorf("RELANCE_PUBLIC_URL is %q; expected the https address at which recipients reach the worker's page, for example https://mail.example.com", s.PublicURL))
		case len(s.SecretKey) == 0:
			errs = append(errs, fmt.Errorf("RELANCE_PUBLIC_URL needs RELANCE_SECRET_KEY: the links are signed with it"))
		}
	}
	if s.PublicAddress != "" {
		if _, _, err := net.SplitHostPort(s.PublicAddress); err != nil {
			errs = append(errs, fmt.Errorf("RELANCE_PUBLIC_ADDRESS is %q; expected host:port, for example 0.0.0.0:8081", s.PublicAddress))
		}
		if s.PublicURL == "" {
			errs = append(errs, fmt.Errorf("RELANCE_PUBLIC_ADDRESS is set and RELANCE_PUBLIC_URL is not: no email would have a link to the page"))
		}
	}
	return errs
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
