package console

import (
	"net/http"
	"net/url"
)

// doSignOut ends the session.
func (c *Console) doSignOut(w http.ResponseWriter, r *http.Request) {
	if err := c.endSession(w, r); err != nil {
		c.stranger(w, r, err)
		return
	}
	clearSiteData(w)
	http.Redirect(w, r, c.link("signed-out"), http.StatusSeeOther)
}

// pageSignedOut offers to end the provider's session too (OpenID Connect RP-Initiated
// Logout 1.0). It is a link: the policy lets no form lead away, and who signs out here
// may not want to sign out of everything else. The ID token, which would be the hint
// who it is, is not kept.
func (c *Console) pageSignedOut(w http.ResponseWriter, r *http.Request) {
	if _, err := c.identify(r); err == nil {
		http.Redirect(w, r, c.link(), http.StatusSeeOther)
		return
	}
	shown := signInView{Why: "Your session here has ended.", Start: c.startLink("/", true), Label: "Sign in again", Forget: true}
	if from, err := c.findProvider(r.Context()); err == nil && from.signOut != "" {
		if address, err := url.Parse(from.signOut); err == nil {
			query := address.Query()
			query.Set("client_id", from.ClientID)
			query.Set("post_logout_redirect_uri", c.Settings.URL.JoinPath("sign-in").String())
			address.RawQuery = query.Encode()
			shown.SignOut = address.String()
		}
	}
	c.showSignIn(w, r, http.StatusOK, "You have signed out", shown)
}

// forget is a style sheet with nothing in it. The page from which somebody signs out
// goes into the browser's cache for Back when the next one is there, which is after the
// answer to the form: so what clears that cache comes with a part of the next page.
func forget(w http.ResponseWriter, _ *http.Request) {
	clearSiteData(w)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
}

func clearSiteData(w http.ResponseWriter) { w.Header().Set("Clear-Site-Data", `"cache"`) }
