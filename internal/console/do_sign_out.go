package console

import (
	"net/http"
	"net/url"
)

// doSignOut ends the session, and has the browser forget what it has seen.
func (c *Console) doSignOut(w http.ResponseWriter, r *http.Request) {
	if err := c.endSession(w, r); err != nil {
		c.stranger(w, r, err)
		return
	}
	w.Header().Set("Clear-Site-Data", `"cache"`)
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
	shown := signInView{Why: "Your session here has ended.", Start: c.startLink("/", true), Label: "Sign in again"}
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
