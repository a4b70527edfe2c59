package console

import (
	"net/http"
	"net/url"

	"relance/internal/operator"
	"relance/internal/settings"
)

// A role is what somebody who has signed in may do.
type role int

const (
	// viewer may look at everything.
	viewer role = iota
	// changer may also repair: an operator.
	changer
)

// view is what a page shows: the data of one of the templates.
type view struct {
	template, title string
	data            any
}

// A route is one page or one form.
type route struct {
	path string
	// role is the least that somebody must be.
	role role
	// page renders a GET; do carries out a POST, in the name of who has signed in and for
	// what the form has seen, and returns the sentence about what it has done.
	page func(c *Console, r *http.Request, f *frame) (view, error)
	do   func(r *http.Request, by *operator.Operator, form url.Values) (said string, err error)
}

// routes are all pages and forms. A test walks them: each POST refuses a viewer,
// another site and a GET.
var routes = []route{
	{path: "/{$}", page: pageRepairs},
	{path: "/cause/{code}/{cause...}", page: pageCause},
	{path: "/contacts/{id}", page: pageContact},
	{path: "/uncertain", page: pageUncertain},
	{path: "/", page: pageUnknown},

	{path: "/accounts/{address}/reconnect", role: changer, do: doReconnect},
	{path: "/plan/credits", role: changer, do: doCredits},
	{path: "/campaigns/{key}/sender", role: changer, do: doSender},
	{path: "/users/{key}/phone", role: changer, do: doPhone},
	{path: "/contacts/{id}/value", role: changer, do: doContact},
	{path: "/resume", role: changer, do: doResume},
	{path: "/uncertain/answer", role: changer, do: doAnswer},
}

// Handler is the whole console, guarded.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /static/", c.style)
	for _, route := range routes {
		if route.page != nil {
			mux.Handle("GET "+route.path, c.signedIn(route.role, c.pages))
		} else {
			mux.Handle("POST "+route.path, c.signedIn(route.role, c.change(route.do)))
			mux.Handle("GET "+route.path, http.HandlerFunc(notByGET)) // else the page of what does not exist
		}
	}
	if c.Settings.SignIn == settings.SignInOIDC {
		c.signInRoutes(mux)
	}
	return c.withAPI(c.guard(mux))
}

func notByGET(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, "this is a form: it is sent from its page", http.StatusMethodNotAllowed)
}
