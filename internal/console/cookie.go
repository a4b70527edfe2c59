package console

import "net/http"

// newCookie is a cookie of this console: not for scripts, and for its own paths only.
// Over https its name begins with __Host-, which no other site under the same domain
// can set (RFC 6265bis §4.1.3); that asks for the path /, so under a prefix it is
// __Secure-, which no plain http can set. An age of 0 is until the browser ends, a
// negative one removes it.
func (c *Console) newCookie(name, value string, age int, from http.SameSite) *http.Cookie {
	return &http.Cookie{Name: c.cookieName(name), Value: value, Path: c.prefix + "/", MaxAge: age, HttpOnly: true, Secure: c.secure(), SameSite: from}
}

func (c *Console) cookieName(name string) string {
	switch {
	case !c.secure():
		return name
	case c.prefix == "":
		return "__Host-" + name
	}
	return "__Secure-" + name
}

func (c *Console) secure() bool { return c.Settings.URL != nil && c.Settings.URL.Scheme == "https" }
