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

// maxNext is the longest address to come back to.
const maxNext = 1500

// begunSignIn is what a sign-in began with.
type begunSignIn struct {
	State, Nonce, Verifier string
	// Next is the page that was asked for.
	Next string
}

// signInView is the page that leads to the provider.
type signInView struct {
	Why, Start, Label string
	// SignOut is where the provider's own session ends, with its Host; empty when there is no such place.
	SignOut, Host string
	// Forget has the browser forget the pages that it has seen.
	Forget bool
}

// signInRoutes are the pages that people see who have not signed in.
func (c *Console) signInRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sign-in", c.pageSignIn)
	mux.HandleFunc("GET /sign-in/start", c.startSignIn)
	mux.HandleFunc("GET /sign-in/callback", c.finishSignIn)
	mux.HandleFunc("POST /sign-out", c.doSignOut)
	mux.HandleFunc("GET /sign-out", notByGET)
	mux.HandleFunc("GET /signed-out", c.pageSignedOut)
	mux.HandleFunc("GET /signed-out/forget.css", forget)
}

// toSignIn leads to the sign-in, and then to the page that was asked for. A form leads
// to the page that it was sent from: it is not sent again.
func (c *Console) toSignIn(w http.ResponseWriter, r *http.Request) {
	if isStream(r) {
		http.Error(w, "you have not signed in", http.StatusUnauthorized)
		return
	}
	query := url.Values{}
	if r.Method == http.MethodPost {
		query.Set("next", returnTo(r.PostFormValue("from")).String())
		query.Set("form", "lost")
	} else {
		query.Set("next", r.URL.RequestURI())
	}
	http.Redirect(w, r, c.link("sign-in")+"?"+query.Encode(), http.StatusSeeOther)
}

func (c *Console) pageSignIn(w http.ResponseWriter, r *http.Request) {
	next := nextOf(r)
	if _, err := c.identify(r); err == nil {
		http.Redirect(w, r, c.prefix+next, http.StatusSeeOther)
		return
	}
	why := "Sign in to see who is in error, and to repair it."
	if r.URL.Query().Get("form") == "lost" {
		why = "Your session has ended, and what you sent was not carried out: nothing was changed. After signing in you are back on its page."
	}
	c.showSignIn(w, r, http.StatusOK, "Sign in", signInView{Why: why, Start: c.startLink(next, false)})
}

// startLink begins a sign-in; other asks the provider for another account.
func (c *Console) startLink(next string, other bool) string {
	query := url.Values{"next": {next}}
	if other {
		query.Set("account", "other")
	}
	return c.link("sign-in", "start") + "?" + query.Encode()
}

// showSignIn renders the page; it says which provider asks.
func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request, status int, title string, shown signInView) {
	if issuer, err := url.Parse(c.Settings.OIDC.Issuer); err == nil {
		shown.Host = issuer.Host
	}
	if shown.Label == "" {
		shown.Label = "Sign in with " + shown.Host
	}
	c.render(w, r, c.frameOf(r), status, view{"sign_in", title, shown})
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

// nextOf is the page to come back to: one of this console.
func nextOf(r *http.Request) string { return ownPath(r.URL.Query().Get("next")) }

func ownPath(text string) string {
	if len(text) > maxNext {
		return "/"
	}
	return returnTo(text).String()
}
