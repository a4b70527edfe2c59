package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"relance/internal/plaintext"
)

// Refused says that the consent was not given.
type Refused struct{ Why string }

func (e *Refused) Error() string { return e.Why }

// redirected is what comes back from the browser.
type redirected struct {
	code string
	err  error
}

// Browser asks for consent in a browser on this machine: show gets the address to open, and the
// answer comes to a port of the loopback address that is open for this long (RFC 8252 §7.3). The
// code that comes is of use to this call alone (PKCE), and an answer to another question is no
// answer (state). A *Refused when the consent is not given.
func (p Provider) Browser(ctx context.Context, address string, show func(url string)) (Token, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Token{}, err
	}
	config := p.config
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return Token{}, errors.Join(err, listener.Close())
	}
	config.RedirectURL = "http://" + net.JoinHostPort(p.loopback, port) + "/"
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	answers := make(chan redirected, 1)
	server := &http.Server{Handler: answer(state, answers), ReadHeaderTimeout: 10 * time.Second}
	serving := make(chan struct{})
	go func() {
		defer close(serving)
		_ = server.Serve(listener) // ends when it is closed
	}()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil { // the last page is on its way until then
			_ = server.Close()
		}
		<-serving
	}()
	ask := append([]oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("login_hint", address)}, p.ask...)
	show(config.AuthCodeURL(state, ask...))
	select {
	case <-ctx.Done():
		return Token{}, ctx.Err()
	case came := <-answers:
		if came.err != nil {
			return Token{}, came.err
		}
		got, err := config.Exchange(within(ctx), came.code, oauth2.VerifierOption(verifier))
		return p.first(address, got, err)
	}
}

// first is the token of a new consent, which has to have what gets the next one.
func (p Provider) first(address string, got *oauth2.Token, err error) (Token, error) {
	switch {
	case err != nil:
		return Token{}, p.judge(address, err)
	case got.RefreshToken == "":
		return Token{}, &Refused{p.Name + " has given a token that ends in an hour and none to get the next one; take the consent back there, and try again"}
	}
	return tokenOf(got), nil
}

// answer takes one redirect that answers our question. Whatever else asks at the port learns
// nothing, and changes nothing.
func answer(state string, answers chan<- redirected) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.Method != http.MethodGet || r.URL.Path != "/" || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state)) != 1 {
			http.Error(w, "This is not the answer to what was asked.", http.StatusBadRequest)
			return
		}
		came := redirected{code: query.Get("code")}
		switch {
		case query.Get("error") != "":
			came.err = &Refused{fmt.Sprintf("the consent was not given (%s)", plaintext.Line(query.Get("error")+" "+query.Get("error_description"), 200))}
		case came.code == "":
			came.err = &Refused{"the provider has answered without a code"}
		}
		select {
		case answers <- came:
		default: // it has been answered
		}
		_, _ = fmt.Fprintln(w, "Done. Go back to the terminal; this page can be closed.") // nobody may be there to read it
	})
}
