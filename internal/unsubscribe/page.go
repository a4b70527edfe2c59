package unsubscribe

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/time/rate"
)

// Register does what a link asks for: it ends what the person is enrolled in, and sends
// nothing to the address any more. ErrUnknown when there is no such enrollment (any more).
type Register interface {
	Unsubscribe(ctx context.Context, enrollmentID int64) error
}

// ErrUnknown says that the enrollment of a link is not there any more.
var ErrUnknown = errors.New("the enrollment of the link is not there any more")

const (
	// perClient is how many requests one client may make, and for everybody how many.
	perClient, clientBurst = rate.Limit(1), 20
	inAll, allBurst        = rate.Limit(200), 1000
	// mostClients bounds what is remembered of clients.
	mostClients = 10_000
	// mostBody is how much of a POST is read: mail programs send 26 octets.
	mostBody = 4 << 10
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

type server struct {
	links    Links
	register Register
	failed   func(error)

	all     *rate.Limiter
	mutex   sync.Mutex
	clients map[string]*rate.Limiter
}

// Handler serves the page under the path of the links. Failed hears of what went wrong with
// the register; it is given nothing of the person.
func Handler(links Links, register Register, failed func(error)) http.Handler {
	s := &server{links: links, register: register, failed: failed, all: rate.NewLimiter(inAll, allBurst), clients: map[string]*rate.Limiter{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path+"{token}", s.ask)
	mux.HandleFunc("POST "+path+"{token}", s.act)
	return mux
}

// view is what the page shows.
type view struct {
	words
	Lang  language.Tag
	State state
}

type state string

const (
	asks   state = "asks"
	done   state = "done"
	broken state = "broken"
	later  state = "later"
)

// ask shows the question. It changes nothing: scanners and previews come here.
func (s *server) ask(w http.ResponseWriter, r *http.Request) {
	switch _, err := s.links.Read(r.PathValue("token")); {
	case !s.allow(r):
		s.show(w, r, http.StatusTooManyRequests, later)
	case err != nil:
		s.show(w, r, http.StatusNotFound, broken)
	default:
		s.show(w, r, http.StatusOK, asks)
	}
}

// act unsubscribes. What the body says does not matter: the address says all (RFC 8058 §3.1
// has mail programs send List-Unsubscribe=One-Click). It answers 200, without a redirect.
func (s *server) act(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	id, err := s.links.Read(r.PathValue("token"))
	switch {
	case !s.allow(r):
		s.show(w, r, http.StatusTooManyRequests, later)
		return
	case err != nil:
		s.show(w, r, http.StatusNotFound, broken)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	switch err := s.register.Unsubscribe(ctx, id); {
	case errors.Is(err, ErrUnknown):
		s.show(w, r, http.StatusNotFound, broken)
	case err != nil:
		s.failed(err)
		w.Header().Set("Retry-After", "60")
		s.show(w, r, http.StatusServiceUnavailable, later)
	default:
		s.show(w, r, http.StatusOK, done)
	}
}

// allow bounds how often one client, and all of them, may come.
func (s *server) allow(r *http.Request) bool {
	host := client(r)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	one, ok := s.clients[host]
	if !ok {
		if len(s.clients) >= mostClients {
			clear(s.clients)
		}
		one = rate.NewLimiter(perClient, clientBurst)
		s.clients[host] = one
	}
	return one.Allow() && s.all.Allow()
}

// client is who asks: the peer, or the one that a proxy of the own network names last.
func client(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if address := peer.Addr().Unmap(); !address.IsPrivate() && !address.IsLoopback() {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if last, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
		return last.String()
	}
	return peer.Addr().String()
}

func (s *server) show(w http.ResponseWriter, r *http.Request, status int, state state) {
	tag, said := wordsFor(r.Header.Get("Accept-Language"))
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", tag.String())
	header.Set("Vary", "Accept-Language")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Robots-Tag", "noindex, nofollow")
	w.WriteHeader(status)
	if err := page.Execute(w, view{words: said, Lang: tag, State: state}); err != nil {
		return // the client has gone
	}
}
