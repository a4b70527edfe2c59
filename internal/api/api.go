package api

import (
	"context"
	_ "embed"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"relance/internal/operator"
)

// Root is the path under which the API is served.
const Root = "/api/v1"

// The bounds of a request.
const (
	maxBody     = 1 << 20
	requestTime = time.Minute
	pageSize    = 100
	maxPage     = 1000
)

//go:embed openapi.yaml
var document []byte

// Options are what an API depends on.
type Options struct {
	// Operator does what is asked for, in the name of each token.
	Operator *operator.Operator
	// Prefix is the path under which a proxy serves it: "" or "/relance".
	Prefix string
	// Log takes what goes wrong; it never gets tokens or what programs send.
	Log *slog.Logger
}

// API answers programs. It keeps no state of its own: several may run.
type API struct{ Options }

// New makes an API.
func New(o Options) *API { return &API{o} }

// Handler answers everything under Root.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	allowed := map[string]string{}
	for _, route := range routes {
		mux.Handle(route.method+" "+Root+route.path, a.answer(route))
		if before := allowed[route.path]; before != "" {
			allowed[route.path] = before + ", " + route.method
		} else {
			allowed[route.path] = route.method
		}
	}
	for path, methods := range allowed {
		mux.HandleFunc(Root+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", methods)
			a.refuse(w, r, &wrong{kind: methodNotAllowed, text: "this path takes " + methods + ", not " + r.Method})
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, &wrong{kind: notFound, text: "there is nothing at this path"})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

// answer carries out one request and encodes what came of it.
func (a *API) answer(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{API: a, Request: r}
		if to.role != anybody {
			token, err := a.tokenOf(r)
			if err == nil && to.role == operator.RoleOperator && token.Role != string(operator.RoleOperator) {
				err = &wrong{kind: forbidden, text: "the token " + token.Name + " is a viewer's: it may look at everything and change nothing"}
			}
			if err != nil {
				a.refuse(w, r, err)
				return
			}
			c.token, c.by = token, a.Operator.As("token:"+token.Name)
		}
		if path := r.URL.Path; !utf8.ValidString(path) || strings.Contains(path, "\x00") {
			a.refuse(w, r, &wrong{kind: notFound, text: "the path has bytes that no name here has"})
			return
		}
		reply, err := to.do(c)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		a.write(w, r, reply)
	})
}

// call is one request of a program.
type call struct {
	*API
	*http.Request
	token operator.Token
	// by does what is asked for, in the name of the token.
	by *operator.Operator
}
