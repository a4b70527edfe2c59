package sms_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/sms"
)

func open(context.Context) error { return nil }

func provider(t *testing.T, answer http.HandlerFunc) (*sms.Client, *atomic.Int64) {
	t.Helper()
	var bodies atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil && r.PostForm.Get("Body") != "" {
			bodies.Add(1)
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return sms.New(sms.Config{BaseURL: server.URL, AccountSID: "AC1", AuthToken: "secret", From: "+15005550006"}), &bodies
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	client, bodies := provider(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "AC1" || password != "secret" || r.URL.Path != "/2010-04-01/Accounts/AC1/Messages.json" ||
			r.PostForm.Get("To") != "+32475000001" || r.PostForm.Get("From") != "+15005550006" || r.PostForm.Get("Body") != "hello & good bye" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"sid":"SM\u00001"}`))
	})
	receipt, err := client.Send(t.Context(), "+32475000001", "hello & good bye", open)
	require.NoError(t, err)
	require.Equal(t, "SM1", receipt.SID)
	require.EqualValues(t, 1, bodies.Load())
}

func TestTheGateKeepsTheMessageIn(t *testing.T) {
	t.Parallel()
	client, bodies := provider(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	shut := errors.New("another attempt owns it")
	_, err := client.Send(t.Context(), "+32475000001", "hello", func(context.Context) error { return shut })
	require.Equal(t, shut, err)
	require.Zero(t, bodies.Load())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   sms.Refused
	}{
		"a number that cannot be": {400, `{"code":21211,"message":"invalid To","status":400}`, sms.Refused{Status: 400, Code: 21211, Message: "invalid To", InvalidNumber: true}},
		"too many":                {429, `{"code":20429,"message":"slow down"}`, sms.Refused{Status: 429, Code: 20429, Message: "slow down", RetryAfter: 5 * time.Second, Retryable: true}},
		"words that are no text":  {400, `{"code":1,"message":"no \u0000 \u001b[31mnumber\u202e"}`, sms.Refused{Status: 400, Code: 1, Message: "no number"}},
		"broken":                  {500, `oops`, sms.Refused{Status: 500, Message: "Internal Server Error", RetryAfter: 5 * time.Second, Retryable: true}},
		"login":                   {401, `{"code":20003,"message":"Authenticate"}`, sms.Refused{Status: 401, Code: 20003, Message: "Authenticate"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := provider(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.want.Retryable {
					w.Header().Set("Retry-After", "5")
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := client.Send(t.Context(), "+1", "hello", open)
			var refused *sms.Refused
			require.ErrorAs(t, err, &refused)
			require.Equal(t, c.want, *refused)
		})
	}
}

func TestALostAnswerIsUncertain(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, _ *http.Request) {
		connection, _, _ := w.(http.Hijacker).Hijack()
		_ = connection.Close()
	}
	proxy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGatewayTimeout) }
	for name, answer := range map[string]http.HandlerFunc{"cut": cut, "proxy": proxy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, bodies := provider(t, answer)
			_, err := client.Send(t.Context(), "+1", "hello", open)
			var unanswered *sms.Unanswered
			require.ErrorAs(t, err, &unanswered)
			require.EqualValues(t, 1, bodies.Load(), "it was written once and is not repeated")
		})
	}
}

func TestAnUnreachableProviderIsCertain(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	client := sms.New(sms.Config{BaseURL: "http://" + listener.Addr().String(), AccountSID: "AC1"})
	_, err = client.Send(t.Context(), "+1", "hello", open)
	var unreachable *sms.Unreachable
	require.ErrorAs(t, err, &unreachable)
	require.NotContains(t, err.Error(), "AC1")
}

func TestCancelledBeforeTheGateSendsNothing(t *testing.T) {
	t.Parallel()
	client, bodies := provider(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Send(ctx, "+1", "hello", open)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, bodies.Load())
}

// TestTheRequestEndsWhileTheGateIsAsked: the ledger may say by then that the message is
// on the wire, so "nothing was accepted" must not be what Send says.
func TestTheRequestEndsWhileTheGateIsAsked(t *testing.T) {
	t.Parallel()
	gone, bodies := make(chan struct{}), atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			bodies.Add(1)
		}
		close(gone)
	}))
	t.Cleanup(server.Close)
	client := sms.New(sms.Config{BaseURL: server.URL, AccountSID: "AC1", Timeout: 200 * time.Millisecond})
	_, err := client.Send(t.Context(), "+1", "hello", func(context.Context) error {
		<-gone // the request has timed out
		return nil
	})
	var unanswered *sms.Unanswered
	require.ErrorAs(t, err, &unanswered)
	require.Zero(t, bodies.Load())
}
