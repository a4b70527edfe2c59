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
	// check renders the answer to a form that changes nothing.
	check func(c *Console, r *http.Request, f *frame) (view, error)
	// most is the size of the form, in bytes; 0 is maxForm.
	most int64
	// live are the kinds of numbers that a page shows live.
	live []string
}

// routes are all pages and forms. A test walks them: each POST refuses a viewer,
// another site and a GET.
var routes = []route{
	{path: "/{$}", page: pageRepairs, live: []string{"errors", "repair", "people", "request"}},
	{path: "/cause/{code}/{cause...}", page: pageCause, live: []string{"repair", "people", "request"}},
	{path: "/contacts/{id}", page: pageContact},
	{path: "/uncertain", page: pageUncertain},
	{path: "/campaigns", page: pageCampaigns},
	{path: "/campaigns/{key}", page: pageCampaign},
	{path: "/campaigns/{key}/contacts", page: pageMembers},
	{path: "/campaigns/{key}/texts", page: pageTexts},
	{path: "/accounts", page: pageAccounts},
	{path: "/accounts/{address}", page: pageAccount},
	{path: "/accounts/{address}/remove", page: pageRemoval},
	{path: "/activity", page: pageActivity},
	{path: "/activity.csv", page: pageActivityFile},
	{path: "/requests", page: pageRequests, live: []string{"request"}},
	{path: "/requests/{id}", page: pageRequest, live: []string{"request"}},
	{path: "/keys", page: pageKeys},
	{path: "/", page: pageUnknown},

	{path: "/accounts/{address}/reconnect", role: changer, do: doReconnect},
	{path: "/accounts/add", role: changer, do: doAccountAdd},
	{path: "/accounts/{address}/login", role: changer, do: doAccountLogin},
	{path: "/accounts/{address}/removal", role: changer, do: doAccountRemove},
	{path: "/plan/credits", role: changer, do: doCredits},
	{path: "/campaigns/{key}/sender", role: changer, do: doSender},
	{path: "/campaigns/{key}/pause", role: changer, do: doPause},
	{path: "/campaigns/{key}/unpause", role: changer, do: doUnpause},
	{path: "/users/{key}/phone", role: changer, do: doPhone},
	{path: "/contacts/{id}/value", role: changer, do: doContact},
	{path: "/resume", role: changer, do: doResume},

	{path: "/contacts", page: pageContacts},
	{path: "/contacts/{id}/edit", role: changer, do: doEdit, most: maxEdit},
	{path: "/contacts/values", role: changer, do: doValues, most: maxEdit},
	{path: "/contacts/file", role: changer, check: checkFile, most: maxFile},
	{path: "/contacts/file/keep", role: changer, do: doKeepFile, most: maxFile},
	{path: "/missing/{code}/{cause...}", page: pageMissing},
	{path: "/resume/part", role: changer, do: doResumePart},
	{path: "/disenroll", page: pageDisenroll},
	{path: "/disenroll/confirm", role: changer, do: doDisenroll},

	{path: "/uncertain/answer", role: changer, do: doAnswer},
	{path: "/requests/{id}/pace", role: changer, do: doPace},
	{path: "/accounts/{address}/pace", role: changer, do: doAccountPace},
	{path: "/requests/{id}/stop", role: changer, do: doStop},

	{path: "/replies", page: pageReplies},
	{path: "/replies/{id}", page: pageReply},
	{path: "/replies/{id}/attach", role: changer, do: doAttach},
	{path: "/replies/{id}/ignore", role: changer, do: doIgnore},
	{path: "/contacts/{id}/release", role: changer, do: doRelease},
	{path: "/suppression", page: pageSuppression},
	{path: "/suppression.csv", page: pageSuppressionFile},
	{path: "/suppression/add", page: pageSuppress},
	{path: "/suppression/add/confirm", role: changer, do: doSuppress},
	{path: "/suppression/remove", page: pageUnsuppress},
	{path: "/suppression/remove/confirm", role: changer, do: doUnsuppress},
	{path: "/suppression/file", role: changer, check: checkSuppressions, most: maxFile},
	{path: "/suppression/file/keep", role: changer, do: doKeepSuppressions, most: 2 * maxFile},
	{path: "/bounces", page: pageBounces},
	{path: "/bounces/add", role: changer, do: doBounce},
	{path: "/bounces/remove", page: pageUnbounce},
	{path: "/bounces/remove/confirm", role: changer, do: doUnbounce},
	{path: "/campaigns/{key}/move", page: pageMove},
	{path: "/campaigns/{key}/move/confirm", role: changer, do: doMove},
	{path: "/campaigns/{key}/test", role: changer, do: doTestSend},
}

// Handler is the whole console, guarded.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	for _, file := range []asset{c.style, c.script, c.icon} {
		mux.Handle("GET "+file.path, file)
	}
	mux.HandleFunc("GET /static/", http.NotFound)
	mux.Handle("GET /events", c.signedIn(viewer, http.HandlerFunc(c.events)))
	for _, route := range routes {
		if route.page != nil {
			mux.Handle("GET "+route.path, c.signedIn(route.role, c.pages))
		} else {
			form := c.signedIn(route.role, c.form(route))
			mux.Handle("POST "+route.path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Body = http.MaxBytesReader(w, r.Body, route.size())
				form.ServeHTTP(w, r)
			}))
			mux.Handle("GET "+route.path, http.HandlerFunc(notByGET)) // else the page of what does not exist
		}
	}
	if c.Settings.SignIn == settings.SignInOIDC {
		c.signInRoutes(mux)
	}
	return c.oneWay(c.withAPI(c.guard(mux)))
}

// form carries a form out, or renders the answer to one that changes nothing.
func (c *Console) form(of route) http.Handler {
	if of.check != nil {
		return c.show(of.check)
	}
	return c.change(of.do)
}

// size is the most that the form may have, in bytes.
func (r route) size() int64 {
	if r.most > 0 {
		return r.most
	}
	return maxForm
}

func notByGET(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, "this is a form: it is sent from its page", http.StatusMethodNotAllowed)
}
