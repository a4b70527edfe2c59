package operator

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/smtp"
	"relance/internal/mail/smtp/smtptest"
)

// real has the bundle log in for real, with maya's account at a server.
func (b *bundle) real(s *smtptest.Server) {
	b.t.Helper()
	b.LogIn = nil
	b.exec(`UPDATE email_accounts SET host = '127.0.0.1', port = $1, tls = 'none', username = 'maya'`, s.Port())
}

func TestALoginShowsItsDialogue(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	server := (&smtptest.Server{Password: "given", Greeting: "220 smtp.northwind.example at your service"}).Start(t)
	b.real(server)
	at := fmt.Sprintf("127.0.0.1:%d", server.Port())
	tested, err := b.TestAccount(b.ctx, mayas)
	require.NoError(t, err)
	require.Equal(t, []LoginStep{
		{Kind: smtp.Connected, Server: at, Address: at}, {Kind: smtp.Greeted, Words: "220 smtp.northwind.example at your service"},
		{Kind: smtp.Offered, Mechanisms: []string{"PLAIN"}}, {Kind: smtp.Accepted, Mechanism: "PLAIN", Words: "235 2.7.0 welcome"},
	}, tested.Dialogue)
	var failed *LoginFailed
	before := one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`)
	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{Password: ptr(campaign.Secret("canary-0815"))})
	require.ErrorAs(t, err, &failed)
	require.Equal(t, smtp.Rejected, failed.Dialogue[3].Kind)
	require.Equal(t, before, one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`))
	require.NotContains(t, fmt.Sprintf("%+v", failed), "canary-0815")
}

func TestTypedServersAreNotLookedForEverywhere(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	server := (&smtptest.Server{Password: "given"}).Start(t)
	b.real(server)
	secret := ptr(campaign.Secret("canary-0815"))
	before := one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`)
	for host, field := range map[string]string{
		"169.254.169.254": "host", "169.254.7.7": "host", "0.0.0.0": "host", "fd00:ec2::254": "host", "224.0.0.1": "host", "192.0.2.1": "tls",
	} {
		settings := AccountSettings{Host: &host, TLS: ptr("none"), Password: secret}
		for name, do := range map[string]func() error{
			"add":       func() error { _, err := b.AddAccount(b.ctx, "tom@northwind.example", settings); return err },
			"reconnect": func() error { _, err := b.ReconnectAccount(b.ctx, mayas, settings); return err },
		} {
			var forbidden *ForbiddenServer
			err := do()
			require.ErrorAs(t, err, &forbidden, "%s at %s", name, host)
			require.ErrorIs(t, err, ErrRefused)
			require.Equal(t, field, forbidden.Field, host)
		}
	}
	require.Equal(t, before, one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`), "nothing of it is kept")

	// What an account has had before goes on without TLS; elsewhere a setting allows it.
	b.exec(`UPDATE email_accounts SET host = '192.0.2.1'`)
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	_, err := b.ReconnectAccount(ctx, mayas, AccountSettings{Password: secret})
	require.ErrorIs(t, err, context.Canceled, "it is dialled")
	b.env["RELANCE_SMTP_NETWORKS"] = "127.0.0.0/8, 0.0.0.0/32"
	b.exec(`UPDATE email_accounts SET host = '127.0.0.1'`)
	b.connections.read = nil
	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{Host: ptr("0.0.0.0"), Password: ptr(campaign.Secret("given"))})
	require.NoError(t, err)
	b.env["RELANCE_SMTP_NETWORKS"] = "everywhere"
	b.connections.read = nil
	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.ErrorContains(t, err, `RELANCE_SMTP_NETWORKS: "everywhere" is neither a network nor an address`)
}

// Who asked has gone: the login ends with them, and nothing is written.
func TestALoginEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	hold := make(chan struct{})
	server := (&smtptest.Server{Password: "given", Hold: hold}).Start(t)
	b.real(server)
	before := one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`)
	ctx, cancel := context.WithCancelCause(b.ctx)
	b.LoginPatience = testTick
	b.SlowLogin = func(campaign.EmailAccount) { cancel(errors.New("gone")) }
	_, err := b.ReconnectAccount(ctx, mayas, AccountSettings{Name: ptr("Other")})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, before, one[string](b, `SELECT md5(json_agg(a)::text) FROM email_accounts a`))

	// Of two at once the second waits, and then sees what the first has done.
	ctx, cancel = context.WithCancelCause(b.ctx)
	defer cancel(nil)
	version := one[int64](b, `SELECT epoch FROM email_accounts`)
	second := make(chan error, 1)
	b.SlowLogin = func(campaign.EmailAccount) {
		go func() {
			_, err := b.ReconnectAccount(ctx, mayas, AccountSettings{Version: version})
			second <- err
		}()
		require.Eventually(t, func() bool {
			b.turns().mutex.Lock()
			defer b.turns().mutex.Unlock()
			return b.turns().of[mayas].wanting == 2
		}, waitFor, testTick)
		close(hold)
	}
	_, err = b.ReconnectAccount(ctx, mayas, AccountSettings{Version: version})
	require.NoError(t, err)
	var stale *Stale
	require.ErrorAs(t, <-second, &stale)
	_, connections := server.Heard()
	require.Equal(t, 2, connections, "the second has not logged in")
	require.Empty(t, b.turns().of)
}

func (b *bundle) turns() *turns { return &b.Operator.connections.logins }
