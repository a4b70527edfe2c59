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

// TestSettingsAtFault: what no retry can mend is marked, says what to do, and neither the
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
