package console

import (
	"fmt"
	"html"
	"net/http"
	"path"
	"strings"

	"relance/internal/settings"
)

// policy lets a page load its own style sheet and script, watch its own numbers, and send
// its own forms, and nothing else. No HTML can be made by a script.
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// The sizes of forms: of most, of one with all that is known of a contact or the values
// of a page of them, and of one with a file.
const (
	maxForm = 64 << 10
	maxEdit = 1 << 20
	maxFile = 16 << 20
)

// guard is around everything: the headers, the prefix, the host, and no form of another site.
func (c *Console) guard(next http.Handler) http.Handler {
	same := http.NewCrossOriginProtection()
	if address := c.Settings.URL; address != nil { // a proxy may rewrite Host
		if err := same.AddTrustedOrigin(address.Scheme + "://" + address.Host); err != nil {
			c.Log.Warn("RELANCE_CONSOLE_URL is no origin", "error", err)
		}
	}
	same.SetDenyHandler(http.HandlerFunc(c.otherSite))
	next = same.Handler(next)
	if c.prefix != "" {
		next = c.underPrefix(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if c.Settings.SignIn == settings.SignInNone && !c.knownHost(r.Host) {
			// A name of another site that leads to 127.0.0.1 would be that site's own origin.
			http.Error(w, "this console has no sign-in and answers to the name of this machine only; to serve it under another, set RELANCE_CONSOLE_AUTH to proxy or oidc (docs/production.md)", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// oneWay leads to the one way to write an address: without double slashes and dots. So would
// http.ServeMux, but out of the prefix, which it does not know, and escaped twice.
func (c *Console) oneWay(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.EscapedPath()
		to := path.Clean("/" + asked)
		if to == c.prefix || to != "/" && strings.HasSuffix(asked, "/") {
			to += "/"
		}
		if to == asked {
			next.ServeHTTP(w, r)
			return
		}
		if !strings.HasPrefix(to, c.prefix+"/") { // a proxy has taken it away
			to = c.prefix + to
		}
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusTemporaryRedirect) // a form stays one
	})
}

// underPrefix also answers without the prefix, which a proxy may take away.
func (c *Console) underPrefix(next http.Handler) http.Handler {
	stripped := http.StripPrefix(c.prefix, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), c.prefix+"/") {
			stripped.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *Console) knownHost(host string) bool {
	if address := c.Settings.URL; address != nil && strings.EqualFold(host, address.Host) {
		return true
	}
	if at := strings.LastIndex(host, ":"); at >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:at]
	}
	return isLoopbackHost(host)
}

// otherSite refuses a form that another site has sent, or that looks so because a
// proxy has rewritten the name of the host.
func (c *Console) otherSite(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Refused</title><h1>This form was sent from another site</h1>
<p>Nothing was changed. The browser says that the form is from <code>%s</code>; the request arrived for <code>%s</code>.</p>
<p>Behind a proxy that rewrites the host, set <code>RELANCE_CONSOLE_URL</code> to the address that people see.</p></html>`,
		html.EscapeString(r.Header.Get("Origin")), html.EscapeString(r.Host))
}
