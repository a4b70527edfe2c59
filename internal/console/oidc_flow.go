package console

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"relance/internal/plaintext"
)

// signInCookie has what a sign-in began with, until the browser comes back from the
// provider: so a code counts in the browser that has asked for it, and only once.
const signInCookie = "relance_sign_in"

// signInAge is how long somebody may take at the provider, in seconds.
const signInAge = 600

// begunSignIn is what a sign-in began with.
type begunSignIn struct {
	State, Nonce, Verifier string
	// Next is the page that was asked for.
	Next string
}

// startSignIn is a GET, since the policy lets forms lead to this console only.
func (c *Console) startSignIn(w http.ResponseWriter, r *http.Request) {
	from, err := c.findProvider(r.Context())
	if err != nil {
		c.providerAway(w, r, err)
		return
	}
	begun := begunSignIn{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Next: nextOf(r)}
	value, err := json.Marshal(begun)
	if err != nil {
		c.providerAway(w, r, err)
		return
	}
	http.SetCookie(w, c.newCookie(signInCookie, base64.RawURLEncoding.EncodeToString(value), signInAge, http.SameSiteLaxMode))
	options := []oauth2.AuthCodeOption{oidc.Nonce(begun.Nonce), oauth2.S256ChallengeOption(begun.Verifier)}
	if r.URL.Query().Get("account") == "other" {
		options = append(options, oauth2.SetAuthURLParam("prompt", "select_account"))
	}
	http.Redirect(w, r, from.AuthCodeURL(begun.State, options...), http.StatusSeeOther)
}

// finishSignIn is where the provider sends people back to.
func (c *Console) finishSignIn(w http.ResponseWriter, r *http.Request) {
	begun := c.begun(r)
	http.SetCookie(w, c.newCookie(signInCookie, "", -1, http.SameSiteLaxMode))
	query := r.URL.Query()
	again := func(status int, title, why string) {
		c.showSignIn(w, r, status, title, signInView{Why: why, Start: c.startLink(begun.Next, true), Label: "Sign in again"})
	}
	if !same(begun.State, query.Get("state")) {
		c.Log.Warn("a sign-in comes back that this browser has not begun")
		again(http.StatusBadRequest, "This sign-in was not begun here", "It was begun in another browser, in another tab since, or more than ten minutes ago. Nobody was signed in.")
		return
	}
	if code := query.Get("error"); code != "" {
		again(http.StatusForbidden, "You were not signed in", "The provider said: “"+plaintext.Line(code+" "+query.Get("error_description"), 300)+"”")
		return
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != c.Settings.OIDC.Issuer { // RFC 9207 §2.4
		again(http.StatusForbidden, "You were not signed in", "The answer is from another provider than RELANCE_CONSOLE_OIDC_ISSUER.")
		return
	}
	from, err := c.findProvider(r.Context())
	if err != nil {
		c.providerAway(w, r, err)
		return
	}
	who, err := c.redeem(r.Context(), from, query.Get("code"), begun)
	var not *untrue
	var away *url.Error
	switch {
	case errors.As(err, &not):
		c.Log.Warn("somebody was not let in", "why", not.why)
		again(http.StatusForbidden, "You were not signed in", not.why)
	case errors.As(err, &away):
		c.providerAway(w, r, err)
	case err != nil:
		c.Log.Warn("a sign-in does not hold", "error", providerError(err))
		again(http.StatusForbidden, "You were not signed in", "What the provider has answered does not hold; the console's log says why. Begin again.")
	case !c.Settings.OIDC.MayEnter(who.Email, who.Groups):
		c.Log.Warn("somebody was not let in", "who", who.Email)
		again(http.StatusForbidden, "You may not come in", who.Email+" is not among those who may. "+c.whoMayEnter())
	default:
		if err := c.beginSession(w, r, who); err != nil {
			c.stranger(w, r, err)
			return
		}
		c.Log.Info("somebody has signed in", "who", who.Email)
		http.Redirect(w, r, c.prefix+begun.Next, http.StatusSeeOther)
	}
}

// begun reads what a sign-in began with; nothing when there is none.
func (c *Console) begun(r *http.Request) begunSignIn {
	var begun begunSignIn
	if cookie, err := r.Cookie(c.cookieName(signInCookie)); err == nil {
		if value, err := base64.RawURLEncoding.DecodeString(cookie.Value); err == nil {
			_ = json.Unmarshal(value, &begun) // what cannot be read has no state, and counts for nothing
		}
	}
	begun.Next = ownPath(begun.Next)
	return begun
}

// providerAway says that it is not this console that does not answer.
func (c *Console) providerAway(w http.ResponseWriter, r *http.Request, err error) {
	c.Log.Error("the OpenID provider does not answer as it should", "issuer", c.Settings.OIDC.Issuer, "error", providerError(err))
	w.Header().Set("Retry-After", "10")
	c.showSignIn(w, r, http.StatusServiceUnavailable, "Nobody can sign in just now", signInView{
		Why:   "The provider, " + c.Settings.OIDC.Issuer + ", does not answer, or not as it should; the console's log says why. Who is signed in stays so. Try again in a moment.",
		Start: c.startLink(c.begun(r).Next, false), Label: "Try again",
	})
}

// providerError is an error as the log may have it: without what the provider has sent.
func providerError(err error) string {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return plaintext.Line("the provider does not accept the code: "+refused.Response.Status+" "+refused.ErrorCode+" "+refused.ErrorDescription, 300)
	}
	return plaintext.Line(err.Error(), 500)
}

func (c *Console) whoMayEnter() string {
	with := c.Settings.OIDC
	switch {
	case len(with.Groups) == 0:
		return "RELANCE_CONSOLE_ALLOWED names their domains and addresses."
	case len(with.Allowed) == 0:
		return "RELANCE_CONSOLE_GROUPS names their groups."
	}
	return "RELANCE_CONSOLE_ALLOWED names their domains and addresses, RELANCE_CONSOLE_GROUPS their groups; both have to fit."
}
