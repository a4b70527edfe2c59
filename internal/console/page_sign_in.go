package console

import (
	"io"
	"net/http"
	"net/url"
)

// maxNext is the longest address to come back to.
const maxNext = 1500

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
		query.Set("next", returnTo(fromOf(r)).String())
		query.Set("form", "lost")
	} else {
		query.Set("next", r.URL.RequestURI())
	}
	http.Redirect(w, r, c.link("sign-in")+"?"+query.Encode(), http.StatusSeeOther)
}

// fromOf is the page that a form of nobody was sent from. Of what somebody sends who has not
// signed in no more than the beginning is read into memory, where each form has this field.
// The rest is let through, up to the most that the form may have: a browser that is still
// sending would not see an answer.
func fromOf(r *http.Request) (from string) {
	whole := r.Body
	defer func() { _, _ = io.Copy(io.Discard, whole) }()
	r.Body = io.NopCloser(io.LimitReader(whole, maxForm))
	if parts, err := r.MultipartReader(); err == nil {
		for {
			part, err := parts.NextPart()
			if err != nil {
				return ""
			}
			if part.FormName() == "from" {
				value, _ := io.ReadAll(part)
				return string(value)
			}
		}
	}
	beginning, _ := io.ReadAll(r.Body)
	values, _ := url.ParseQuery(string(beginning)) // a last value that is cut counts for nothing
	return values.Get("from")
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

// nextOf is the page to come back to: one of this console.
func nextOf(r *http.Request) string { return ownPath(r.URL.Query().Get("next")) }

func ownPath(text string) string {
	if len(text) > maxNext {
		return "/"
	}
	return returnTo(text).String()
}
