package oauth_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/devstack/tokens"
	"relance/internal/mail/bearer"
	"relance/internal/oauth"
	"relance/internal/settings"
	"relance/internal/store"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const leas = "lea@northwind.example"

var key = []byte("0123456789abcdef0123456789abcdef")

// bundle is a token server, and a database with an account of lea whose consent it has.
type bundle struct {
	t      *testing.T
	url    string
	pool   *pgxpool.Pool
	db     *store.Store
	server *tokens.Server
	of     settings.OAuth
}

func migrate(url string) error {
	db, err := store.Open(context.Background(), url, key)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Migrate(context.Background())
	return err
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, url: pgtest.NewFrom(t, "migrated", migrate)}
	b.db = b.store()
	var err error
	b.pool, err = pgxpool.New(t.Context(), b.url)
	require.NoError(t, err)
	t.Cleanup(b.pool.Close)
	b.server, err = tokens.Start(t.Context(), tokens.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(b.server.Stop)
	b.of = settings.OAuth{DevURL: b.server.URL(), MicrosoftTenant: "common"}
	b.connect()
	return b
}

func (b *bundle) store() *store.Store {
	b.t.Helper()
	db, err := store.Open(b.t.Context(), b.url, key)
	require.NoError(b.t, err)
	b.t.Cleanup(db.Close)
	return db
}

// connect keeps a new consent, whose access token has ended.
func (b *bundle) connect() {
	b.t.Helper()
	_, err := b.db.ConnectAccountWithToken(b.t.Context(), campaign.EmailAccount{
		Address: leas, SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: campaign.TLSNone, Username: leas, Provider: oauth.Dev},
	}, store.OAuthToken{Refresh: campaign.Secret(b.server.Consent(leas)), Access: "old", Expires: time.Now().Add(time.Minute)}, "test")
	require.NoError(b.t, err)
}

func (b *bundle) status() (status, reason string) {
	b.t.Helper()
	require.NoError(b.t, b.pool.QueryRow(b.t.Context(), `SELECT status, reason FROM email_accounts`).Scan(&status, &reason))
	return status, reason
}

// The refresh token is good for one use, and many want an access token at once, in two workers.
func TestTwoWorkersRefreshOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Switch(tokens.Switches{Rotate: tokens.Once, Slow: 50 * time.Millisecond})
	workers := []*oauth.Source{oauth.NewSource(b.db, b.of), oauth.NewSource(b.store(), b.of)}
	got := make([]campaign.Secret, 16)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			token, err := workers[i%2].Token(t.Context(), leas, "")
			if err == nil {
				got[i] = token
			}
		})
	}
	all.Wait()
	for _, token := range got {
		require.NotEmpty(t, token)
		require.True(t, got[0] == token, "all have the same")
	}
	require.Equal(t, 1, b.server.Refreshes())
	require.True(t, b.server.Valid(leas, string(got[0])))

	b.server.Expire(leas)
	again, err := workers[1].Token(t.Context(), leas, "")
	require.NoError(t, err)
	require.True(t, again == got[0], "it is thought to be good")
	fresh, err := workers[0].Token(t.Context(), leas, again)
	require.NoError(t, err)
	require.True(t, b.server.Valid(leas, string(fresh)), "a refused one is replaced")
	other, err := workers[1].Token(t.Context(), leas, again)
	require.NoError(t, err)
	require.True(t, other == fresh, "once, for both")
	require.Equal(t, 2, b.server.Refreshes())
	var stored string
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT (SELECT json_agg(t)::text FROM account_tokens t) || (SELECT json_agg(a)::text FROM activity a) || (SELECT json_agg(a)::text FROM email_accounts a)`).Scan(&stored))
	require.NotContains(t, stored, "dev-refresh")
	require.NotContains(t, stored, "dev-access")
}

// The new refresh token is written down also when the connection with the lock is lost after the
// provider has answered.
func TestARefreshTokenIsNotLostWithTheConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.server.Switch(tokens.Switches{Rotate: tokens.Once})
	provider, ok := oauth.New(oauth.Dev, b.of)
	require.True(t, ok)
	kept, err := b.db.OAuthToken(t.Context(), leas)
	require.NoError(t, err)
	_, err = b.db.RefreshToken(t.Context(), leas, kept.Version, func(ctx context.Context, old store.OAuthToken) (store.OAuthToken, error) {
		got, err := provider.Refresh(ctx, leas, old.Refresh)
		if err != nil {
			return store.OAuthToken{}, err
		}
		_, err = b.pool.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`)
		return store.OAuthToken{Access: got.Access, Refresh: got.Refresh, Expires: got.Expires}, err
	})
	require.NoError(t, err)
	now, err := b.db.OAuthToken(t.Context(), leas)
	require.NoError(t, err)
	require.Equal(t, kept.Version+1, now.Version)
	require.True(t, b.server.Valid(leas, string(now.Access)))
	_, err = provider.Refresh(t.Context(), leas, now.Refresh)
	require.NoError(t, err, "the one that is kept is the good one")
}

// A worker is killed after the provider has answered, and before that is written down.
func TestAWorkerIsKilledBetweenRefreshAndStore(t *testing.T) {
	t.Parallel()
	for rotate, lost := range map[tokens.Rotation]bool{tokens.Keep: false, tokens.Replace: false, tokens.Once: true} {
		b := setup(t)
		b.server.Switch(tokens.Switches{Rotate: rotate})
		provider, ok := oauth.New(oauth.Dev, b.of)
		require.True(t, ok)
		kept, err := b.db.OAuthToken(t.Context(), leas)
		require.NoError(t, err)
		_, err = provider.Refresh(t.Context(), leas, kept.Refresh) // all that the killed one has done to the world
		require.NoError(t, err)

		token, err := oauth.NewSource(b.db, b.of).Token(t.Context(), leas, "")
		status, reason := b.status()
		if !lost {
			require.NoError(t, err, "%s: as Google and Microsoft do, the old one stays good", rotate)
			require.True(t, b.server.Valid(leas, string(token)))
			require.Equal(t, "connected", status)
			continue
		}
		var denied *bearer.Denied
		require.ErrorAs(t, err, &denied)
		require.Equal(t, "in_error", status, "it is said, and not tried for ever")
		require.Equal(t, denied.Error(), reason)
	}
}

func TestOnlyADenialIsTheAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	source := oauth.NewSource(b.db, b.of)
	var denied *bearer.Denied

	b.server.Switch(tokens.Switches{Down: true})
	_, err := source.Token(t.Context(), leas, "")
	require.ErrorContains(t, err, "the token server of the dev stack cannot be asked just now (status 503)")
	require.NotErrorAs(t, err, &denied)
	away := oauth.NewSource(b.db, settings.OAuth{DevURL: "http://127.0.0.1:1"})
	_, err = away.Token(t.Context(), leas, "")
	require.ErrorContains(t, err, "cannot be asked: ")
	require.NotErrorAs(t, err, &denied)
	unset := oauth.NewSource(b.db, settings.OAuth{})
	_, err = unset.Token(t.Context(), leas, "")
	require.EqualError(t, err, "RELANCE_OAUTH_DEV_URL is not set here, so no token can be had for "+leas)
	status, _ := b.status()
	require.Equal(t, "connected", status, "who cannot be asked has denied nothing")
	b.server.Switch(tokens.Switches{})
	_, err = source.Token(t.Context(), leas, "")
	require.NoError(t, err)

	before, err := b.db.OAuthToken(t.Context(), leas)
	require.NoError(t, err)
	b.server.Revoke(leas)
	_, err = source.Token(t.Context(), leas, before.Access)
	require.ErrorAs(t, err, &denied)
	require.Equal(t, "invalid_grant", denied.Code)
	_, err = source.Token(t.Context(), leas, before.Access)
	require.ErrorAs(t, err, &denied)
	status, reason := b.status()
	require.Equal(t, "in_error", status)
	require.Equal(t, "the dev stack gives no token for lea@northwind.example any more (invalid_grant: Token has been expired or revoked.); connect it again: starter email-account connect lea@northwind.example --provider dev", reason)
	var said int
	require.NoError(t, b.pool.QueryRow(t.Context(), `SELECT count(*)::int FROM activity WHERE kind = 'failed'`).Scan(&said))
	require.Equal(t, 1, said, "once")

	b.connect()
	require.NoError(t, b.db.TokenDenied(t.Context(), leas, before.Epoch, reason, "oauth"))
	status, _ = b.status()
	require.Equal(t, "connected", status, "a denial of before the new consent says nothing of it")
	_, err = source.Token(t.Context(), leas, "")
	require.NoError(t, err)

	_, err = b.db.ConnectAccount(t.Context(), campaign.EmailAccount{Address: leas, SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 25, TLS: campaign.TLSNone, Username: leas, Password: "p"}}, "test")
	require.NoError(t, err)
	_, err = b.db.OAuthToken(t.Context(), leas)
	require.ErrorIs(t, err, store.ErrNoToken, "with a password the tokens are forgotten")
}
