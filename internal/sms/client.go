package sms

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"relance/internal/plaintext"
)

// Config is an account at a Twilio-compatible provider.
type Config struct {
	// BaseURL is for example https://api.twilio.com.
	BaseURL, AccountSID, AuthToken string
	// From is the sending number or sender id.
	From string
	// Transport replaces the default one, for tests.
	Transport http.RoundTripper
	// Timeout is for the whole exchange after the connection is there; 0 is 60 s.
	Timeout time.Duration
}

// Client sends text messages. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
}

// Receipt is the provider's acceptance.
type Receipt struct{ SID string }

// New returns a client of the provider's account.
func New(config Config) *Client {
	if config.Timeout == 0 {
		config.Timeout = time.Minute
	}
	if config.Transport == nil {
		// net/http repeats a request by itself when a kept-alive connection
		// turns out to be closed. A repeated POST can be a second message, so
		// every request has a connection of its own (law 1).
		config.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true,
		}
	}
	refuseRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{config: config, http: &http.Client{Transport: config.Transport, CheckRedirect: refuseRedirects, Timeout: config.Timeout}}
}

// Send transmits one message. The gate is called when the connection is open
// and before anything is written: its error is returned as it is, and nothing
// has been sent. The errors are *Refused, *Unreachable and *Unanswered.
func (c *Client) Send(ctx context.Context, to, text string, gate func(context.Context) error) (Receipt, error) {
	form := url.Values{"To": {to}, "From": {c.config.From}, "Body": {text}}.Encode()
	// From the gate on the context no longer ends the exchange: what may have
	// been accepted is waited for.
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	release := context.AfterFunc(ctx, cancel)
	defer release()
	body := &gated{reader: strings.NewReader(form), open: func() error {
		if !release() {
			return ctx.Err() // the caller has given up, and the request is being broken off
		}
		return gate(ctx)
	}}
	request, err := c.request(detached, body, len(form))
	if err != nil {
		return Receipt{}, &Unreachable{err}
	}
	answer, err := c.http.Do(request)
	if err == nil {
		defer func() { _ = answer.Body.Close() }()
	}
	passed, shut := body.seal()
	switch {
	case shut != nil:
		return Receipt{}, shut
	case err != nil && passed:
		return Receipt{}, &Unanswered{withoutURL(err)}
	case err != nil && ctx.Err() != nil:
		return Receipt{}, ctx.Err()
	case err != nil:
		return Receipt{}, &Unreachable{withoutURL(err)}
	case answer.StatusCode/100 == 2 && !passed:
		return Receipt{}, &Unreachable{errors.New("it said yes before it had the message")}
	}
	return read(answer)
}

func (c *Client) request(ctx context.Context, body io.Reader, length int) (*http.Request, error) {
	address, err := url.JoinPath(c.config.BaseURL, "2010-04-01", "Accounts", c.config.AccountSID, "Messages.json")
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return nil, err
	}
	request.ContentLength = int64(length)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	request.SetBasicAuth(c.config.AccountSID, c.config.AuthToken)
	return request, nil
}

// gated is a body that asks the gate before its first byte. The header alone
// is no message: the provider has nothing to accept before the body.
//
// net/http may read the body after it has returned an error: the request has
// timed out while the gate was being asked. So the outcome is not what is known
// when it returns, but what seal says: it waits for a gate that is being asked,
// and shuts one that has not been (law 1).
type gated struct {
	open   func() error
	reader io.Reader

	mu                    sync.Mutex
	asked, passed, sealed bool
	err                   error
}

func (g *gated) Read(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked && !g.sealed {
		g.asked = true
		g.err = g.open()
		g.passed = g.err == nil
	}
	switch {
	case g.err != nil:
		return 0, g.err
	case !g.passed:
		return 0, errors.New("the request has ended")
	}
	return g.reader.Read(p)
}

func (g *gated) seal() (passed bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sealed = true
	return g.passed, g.err
}

// badNumbers are the provider's codes for a number that cannot receive:
// invalid, not a mobile, unreachable region, blocked.
var badNumbers = []int{21211, 21214, 21217, 21401, 21421, 21612, 21614, 60200}

func read(answer *http.Response) (Receipt, error) {
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	accepted := answer.StatusCode/100 == 2
	if err != nil && accepted {
		return Receipt{}, &Unanswered{err}
	}
	var said struct {
		SID     string `json:"sid"`
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &said) // an answer that is no JSON still has its status
	if accepted {
		return Receipt{SID: plaintext.Line(said.SID, plaintext.Name)}, nil
	}
	if answer.StatusCode == http.StatusBadGateway || answer.StatusCode == http.StatusGatewayTimeout {
		// A proxy between us and the provider lost the answer (RFC 9110 §15.6.3, §15.6.5).
		return Receipt{}, &Unanswered{errors.New("a proxy answered " + plaintext.Line(answer.Status, plaintext.Name))}
	}
	if said.Message = plaintext.Line(said.Message, plaintext.Note); said.Message == "" {
		said.Message = http.StatusText(answer.StatusCode)
	}
	return Receipt{}, &Refused{
		Status: answer.StatusCode, Code: said.Code, Message: said.Message, RetryAfter: retryAfter(answer.Header.Get("Retry-After")),
		Retryable: answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= 500, InvalidNumber: slices.Contains(badNumbers, said.Code),
	}
}

// retryAfter reads both forms of RFC 9110 §10.2.3.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// withoutURL drops the address from a *url.Error: it holds the account's id.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
