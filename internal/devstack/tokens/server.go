// Package tokens is an OAuth token server for the dev stack and for tests: it asks for consent in a
// page (RFC 6749 §4.1, with PKCE) or on another device (RFC 8628), gives access tokens and refresh
// tokens for mailboxes, and misbehaves on request. The inbox takes its tokens. Its only client is
// relance, which is public and has no secret.
//
// It can be switched, from its own page too: to take a person's consent back, to be down, to be
// slow, and to replace refresh tokens at each use, with the old ones good for further use (as
// Microsoft does) or not.
package tokens

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--oauth-port"

// ClientID is the only client's.
const ClientID = "relance"

// Options of a token server. Only Dir is needed.
type Options struct {
	Dir  string    // where what was given is kept; made when missing
	Port int       // 0 = any free one
	Log  io.Writer // faults of the server itself; may be nil
	// Lifetime is how long an access token is good; 1 h when 0.
	Lifetime time.Duration
	// Interval is how often a device may ask, in whole seconds; 1 s when 0.
	Interval time.Duration
}

// Rotation is what becomes of a refresh token that was used.
type Rotation string

// The ways.
const (
	// Keep leaves it as it is, as Google does.
	Keep Rotation = "keep"
	// Replace gives another one; the old one stays good, as with Microsoft.
	Replace Rotation = "replace"
	// Once gives another one; the old one is good no more.
	Once Rotation = "once"
)

// Switches are how the server misbehaves.
type Switches struct {
	Down   bool
	Slow   time.Duration
	Rotate Rotation
}

// Server is a running token server.
type Server struct {
	options  Options
	http     *http.Server
	listener net.Listener
	serving  chan struct{}
	stopping sync.Once

	mutex     sync.Mutex
	given     given
	codes     map[string]code
	devices   map[string]*device
	switches  Switches
	refreshes int
}

// given is what survives a restart.
type given struct {
	// Refresh tokens and access tokens, by what they are.
	Refresh map[string]string `json:"refresh"`
	Access  map[string]access `json:"access"`
}

type access struct {
	User  string    `json:"user"`
	Until time.Time `json:"until"`
}

const fileName = "tokens.json"

// Start listens on 127.0.0.1. It returns *port.Taken when o.Port is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Lifetime == 0 {
		o.Lifetime = time.Hour
	}
	if o.Interval == 0 {
		o.Interval = time.Second
	}
	s := &Server{
		options: o, serving: make(chan struct{}), codes: map[string]code{}, devices: map[string]*device{},
		given: given{Refresh: map[string]string{}, Access: map[string]access{}}, switches: Switches{Rotate: Keep},
	}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open the token server: %w", err)
	}
	var err error
	if s.listener, err = port.Listen(ctx, Flag, o.Port); err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler: http.NewCrossOriginProtection().Handler(s.routes()), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(slog.NewTextHandler(o.Log, nil), slog.LevelWarn),
	}
	go func() {
		defer close(s.serving)
		_ = s.http.Serve(s.listener) // ends when it is closed
	}()
	return s, nil
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return port.Of(s.listener) }

// URL is its base address.
func (s *Server) URL() string { return "http://" + port.Addr(s.Port()) }

// Stop ends the server. It may be called twice.
func (s *Server) Stop() {
	s.stopping.Do(func() {
		_ = s.http.Close()
		<-s.serving
	})
}

// Switch has the server misbehave.
func (s *Server) Switch(to Switches) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if to.Rotate == "" {
		to.Rotate = Keep
	}
	s.switches = to
}

// Consent is that of a person, given without a page: the refresh token.
func (s *Server) Consent(user string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.newRefresh(user)
}

// Revoke takes a person's consent back: none of the tokens is good any more.
func (s *Server) Revoke(user string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for token, of := range s.given.Refresh {
		if of == user {
			delete(s.given.Refresh, token)
		}
	}
	s.expire(user)
}

// Expire ends a person's access tokens before their time; the consent stays.
func (s *Server) Expire(user string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.expire(user)
}

func (s *Server) expire(user string) {
	for token, of := range s.given.Access {
		if of.User == user {
			delete(s.given.Access, token)
		}
	}
	s.save()
}

// Valid is true for an access token of this user: what a mail server asks.
func (s *Server) Valid(user, token string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	of, ok := s.given.Access[token]
	return ok && of.User == user && time.Now().Before(of.Until)
}

// Refreshes counts the access tokens that were given for refresh tokens.
func (s *Server) Refreshes() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.refreshes
}

func (s *Server) newRefresh(user string) string {
	token := "dev-refresh-" + rand.Text()
	s.given.Refresh[token] = user
	s.save()
	return token
}

func (s *Server) newAccess(user string) string {
	token := "dev-access-" + rand.Text()
	for old, of := range s.given.Access {
		if time.Now().After(of.Until) {
			delete(s.given.Access, old)
		}
	}
	s.given.Access[token] = access{user, time.Now().Add(s.options.Lifetime)}
	s.save()
	return token
}

func (s *Server) load() error {
	if err := os.MkdirAll(s.options.Dir, 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(s.options.Dir, fileName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &s.given)
}

// save keeps what was given. A token that could not be kept is good until the next start.
func (s *Server) save() {
	path := filepath.Join(s.options.Dir, fileName)
	text, err := json.Marshal(s.given)
	if err == nil {
		err = errors.Join(os.WriteFile(path+".part", text, 0o600), os.Rename(path+".part", path))
	}
	if err != nil {
		_, _ = fmt.Fprintln(s.options.Log, "the tokens cannot be kept:", err) // there is nobody else to say it to
	}
}
