package smtp_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	for name, offers := range map[string]string{"plain": "AUTH LOGIN PLAIN XOAUTH2", "login": "AUTH LOGIN", "old": "AUTH=LOGIN", "lower case": "auth plain"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: []string{offers}}).start(t)
			require.NoError(t, newPool(t).Login(t.Context(), s.account()))
			s.until("the goodbye", func() bool { return s.commands[len(s.commands)-1] == "QUIT" })
			account := s.account()
			account.SMTP.Password = "not-this-one"
			err := newPool(t).Login(t.Context(), account)
			var refused *smtp.Refused
			require.ErrorAs(t, err, &refused)
			require.Equal(t, reply.Auth, refused.Reply.Phase)
			// The server repeats what it was sent.
			require.NotContains(t, err.Error(), "bm90LXRoaXMtb25l", "the password in base64")
			require.NotContains(t, err.Error(), "AG1heWEAbm90LXRoaXMtb25l")
		})
	}
	t.Run("without a user name", func(t *testing.T) {
		t.Parallel()
		s := (&server{}).start(t)
		account := s.account()
		account.SMTP.Username = ""
		require.NoError(t, newPool(t).Login(t.Context(), account))
	})
	t.Run("a server that knows no EHLO", func(t *testing.T) {
		t.Parallel()
		s := (&server{answers: map[string]string{"EHLO": "502 5.5.1 what"}}).start(t)
		account := s.account()
		account.SMTP.Username = ""
		_, err := newPool(t).Send(t.Context(), account, envelope, message, pass)
		require.NoError(t, err)
		s.look(func() { require.Contains(t, s.commands, "HELO northwind.example") })
	})
	t.Run("while the account rests", func(t *testing.T) {
		t.Parallel()
		s := (&server{offers: login, answers: map[string]string{"AUTH": "535 5.7.8 no\n"}}).start(t)
		pool := newPool(t, smtp.WithRests(time.Hour, time.Hour))
		_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
		require.Error(t, err)
		require.NoError(t, pool.Login(t.Context(), s.account()), "a test of the account is a real one")
	})
}

// TestLoginGoesOnWithTheNextMechanism: what a server offers it may still refuse (RFC 4954 §4).
func TestLoginGoesOnWithTheNextMechanism(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{
		"504 5.7.4 Unrecognized authentication type", "534 5.7.9 Authentication mechanism is too weak", "534", "501 5.5.4 Unrecognized parameter",
		"502 5.5.1 Not implemented", "500 what", "535 5.7.8 Error: authentication failed: Invalid authentication mechanism",
	} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: map[string]string{"AUTH": refusal + "\n"}}).start(t)
			require.NoError(t, newPool(t).Login(t.Context(), s.account()))
			s.look(func() {
				require.Equal(t, 2, s.logins)
				require.Contains(t, s.commands, "AUTH LOGIN bWF5YQ== aW5ib3g=")
			})
		})
	}
	for _, refusal := range []string{"535 5.7.8 no", "534 5.7.9 Application-specific password required", "454 4.7.0 not now", "535 5.7.139 basic authentication is disabled"} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: map[string]string{"AUTH": refusal + "\n"}}).start(t)
			var refused *smtp.Refused
			require.ErrorAs(t, newPool(t).Login(t.Context(), s.account()), &refused)
			s.look(func() { require.Equal(t, 1, s.logins, "a refusal of the credentials is final") })
		})
	}
	t.Run("wrong password after a refused mechanism", func(t *testing.T) {
		t.Parallel()
		s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: map[string]string{"AUTH": "504 5.7.4 no\n"}}).start(t)
		account := s.account()
		account.SMTP.Password = "not-this-one"
		var refused *smtp.Refused
		err := newPool(t).Login(t.Context(), account)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 535, refused.Reply.Code)
		require.NotContains(t, err.Error(), "bm90LXRoaXMtb25l", "the password in base64")
	})
	t.Run("a message after a refused mechanism", func(t *testing.T) {
		t.Parallel()
		s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: map[string]string{"AUTH": "504 5.7.4 no\n"}}).start(t)
		_, err := newPool(t).Send(t.Context(), s.account(), envelope, message, pass)
		require.NoError(t, err)
	})
	for offers, says := range map[string]string{
		"AUTH PLAIN LOGIN":   "PLAIN (504 5.7.4 no), LOGIN (504 5.7.4 no)",
		"AUTH PLAIN XOAUTH2": "PLAIN (504 5.7.4 no)",
	} {
		t.Run("none is left of "+offers, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: []string{offers}, answers: map[string]string{"AUTH": "504 5.7.4 no"}}).start(t)
			err := newPool(t).Login(t.Context(), s.account())
			var unreachable *smtp.Unreachable
			require.ErrorAs(t, err, &unreachable)
			require.True(t, unreachable.Account)
			require.True(t, strings.HasSuffix(err.Error(), "refuses every way to do it: "+says), err)
		})
	}
	t.Run("a server that hangs up with the refusal", func(t *testing.T) {
		t.Parallel()
		s := (&server{offers: []string{"AUTH PLAIN LOGIN"}, answers: map[string]string{"AUTH": "504 5.7.4 no\r\n" + cut}}).start(t)
		err := newPool(t).Login(t.Context(), s.account())
		var unreachable *smtp.Unreachable
		require.ErrorAs(t, err, &unreachable)
		require.False(t, unreachable.Account, "a connection that ends is no fault of the account")
		require.ErrorContains(t, err, "after the server refused PLAIN (504 5.7.4 no)")
	})
}

// TestSettingsAtFault: what no retry can repair is marked, says what to do, and neither the
// password nor a message has been sent.
func TestSettingsAtFault(t *testing.T) {
	t.Parallel()
	certificates, roots := certificate(t, "127.0.0.1")
	others, otherRoots := certificate(t, "mail.example")
	for name, c := range map[string]struct {
		server *server
		change func(*campaign.EmailAccount)
		opts   []smtp.Option
		says   string
	}{
		"no STARTTLS":       {&server{offers: login}, func(a *campaign.EmailAccount) { a.SMTP.TLS = campaign.TLSStartTLS }, nil, "offers no STARTTLS"},
		"STARTTLS is meant": {&server{offers: login}, func(a *campaign.EmailAccount) { a.SMTP.TLS = "" }, nil, "offers no STARTTLS"},
		"no AUTH":           {&server{}, nil, nil, "offers no login (AUTH)"},
		"only OAuth":        {&server{offers: []string{"AUTH XOAUTH2"}}, nil, nil, "only XOAUTH2"},
		"unknown authority": {&server{offers: []string{"STARTTLS"}, tls: certificates}, func(a *campaign.EmailAccount) { a.SMTP.TLS = campaign.TLSStartTLS }, nil, "authority that is not known"},
		"another's name":    {&server{offers: []string{"STARTTLS"}, tls: others}, func(a *campaign.EmailAccount) { a.SMTP.TLS = campaign.TLSStartTLS }, []smtp.Option{smtp.WithRootCAs(otherRoots)}, "is not for 127.0.0.1"},
		"implicit, unknown": {&server{tls: certificates, implicit: true}, func(a *campaign.EmailAccount) { a.SMTP.TLS = campaign.TLSImplicit }, nil, "authority that is not known"},
		"no TLS there":      {&server{offers: login}, func(a *campaign.EmailAccount) { a.SMTP.TLS = campaign.TLSImplicit }, []smtp.Option{smtp.WithRootCAs(roots)}, "choose tls: starttls"},
		"no such choice":    {&server{}, func(a *campaign.EmailAccount) { a.SMTP.TLS = "ssl" }, nil, "expected implicit, starttls or none"},
		"no host":           {&server{}, func(a *campaign.EmailAccount) { a.SMTP.Host = "" }, nil, "host or port is missing"},
		"no such host": {&server{}, nil, []smtp.Option{smtp.WithDial(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		})}, "no mail server with the name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.server.start(t)
			account := s.account()
			if c.change != nil {
				c.change(&account)
			}
			err := newPool(t, c.opts...).Login(t.Context(), account)
			var unreachable *smtp.Unreachable
			require.ErrorAs(t, err, &unreachable)
			require.True(t, unreachable.Account, err)
			require.Contains(t, err.Error(), c.says)
			s.look(func() {
				require.Zero(t, s.logins)
				require.NotContains(t, strings.Join(s.commands, "\n"), "AG1heWEAaW5ib3g=")
			})
		})
	}
}

// TestNothingIsBelievedFromBeforeEncryption: CVE-2011-0411 and its kin.
func TestNothingIsBelievedFromBeforeEncryption(t *testing.T) {
	t.Parallel()
	certificates, roots := certificate(t, "127.0.0.1")
	s := (&server{offers: append(login, "STARTTLS"), tls: certificates, answers: map[string]string{"STARTTLS": "220 go|250-evil|250 AUTH PLAIN"}}).start(t)
	account := s.account()
	account.SMTP.TLS = campaign.TLSStartTLS
	err := newPool(t, smtp.WithRootCAs(roots)).Login(t.Context(), account)
	require.Error(t, err)
	s.look(func() { require.Zero(t, s.logins) })
}

func TestStartTLSRefused(t *testing.T) {
	t.Parallel()
	s := (&server{offers: append(login, "STARTTLS"), answers: map[string]string{"STARTTLS": "454 4.7.0 not now"}}).start(t)
	account := s.account()
	account.SMTP.TLS = campaign.TLSStartTLS
	var refused *smtp.Refused
	require.ErrorAs(t, newPool(t).Login(t.Context(), account), &refused)
	require.Equal(t, reply.StartTLS, refused.Reply.Phase)
	s.look(func() { require.Zero(t, s.logins) })
}

func TestLoginEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := (&server{answers: map[string]string{"GREETING": stall}}).start(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		s.until("the connection", func() bool { return s.connections == 1 })
		cancel()
	}()
	require.ErrorIs(t, newPool(t).Login(ctx, s.account()), context.Canceled)
}
