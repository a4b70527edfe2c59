package operator

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

func TestAStoredPasswordIsSentToItsOwnLoginOnly(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	for name, test := range map[string]struct {
		settings AccountSettings
		changed  []string
	}{
		"host": {AccountSettings{Host: ptr("smtp.elsewhere.example")}, []string{"host"}},
		"port": {AccountSettings{Port: ptr(2525)}, []string{"port"}},
		"tls":  {AccountSettings{TLS: ptr("none")}, []string{"port", "TLS mode"}},
		"user": {AccountSettings{Username: ptr("tom")}, []string{"user name"}},
		"all":  {AccountSettings{Host: ptr("x.example"), Port: ptr(1), TLS: ptr("none"), Username: ptr("tom")}, []string{"host", "port", "TLS mode", "user name"}},
	} {
		var needed *PasswordNeeded
		_, err := b.ReconnectAccount(b.ctx, mayas, test.settings)
		require.ErrorAs(t, err, &needed, name)
		require.ErrorIs(t, err, ErrRefused, name)
		require.Equal(t, test.changed, needed.Changed, name)
		require.Empty(t, b.logins, "%s: nobody has been shown the password", name)
	}
	_, err := b.ReconnectAccount(b.ctx, mayas, AccountSettings{Host: ptr("smtp.elsewhere.example"), Username: ptr("tom")})
	require.EqualError(t, err, "the stored password of maya@northwind.example is not sent to another host and user name; give the password again")

	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{Host: ptr("SMTP.northwind.example"), Name: ptr("Maya C.")})
	require.NoError(t, err, "the same server under a name in capitals")
	require.Equal(t, campaign.Secret("given"), b.logins[0].SMTP.Password)

	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{Host: ptr("smtp.elsewhere.example"), Password: ptr(campaign.Secret("new"))})
	require.NoError(t, err)
	require.Equal(t, campaign.Secret("new"), b.logins[1].SMTP.Password)

	_, err = b.RemoveAccount(b.ctx, mayas)
	require.NoError(t, err)
	var needed *PasswordNeeded
	_, err = b.AddAccount(b.ctx, mayas, AccountSettings{Host: ptr("smtp.third.example")})
	require.ErrorAs(t, err, &needed, "a removed account keeps its password for the server that it had")

	_, err = b.AddAccount(b.ctx, mayas, AccountSettings{Host: ptr("smtp.third.example"), Username: ptr("")})
	require.NoError(t, err, "a server without login is shown none")
	require.Empty(t, b.logins[2].SMTP.Password)
	account, err := b.db.EmailAccount(b.ctx, mayas)
	require.NoError(t, err)
	require.Empty(t, account.SMTP.Password, "and it is forgotten")
}

func TestAccountsAreRefusedByField(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	for field, settings := range map[string]AccountSettings{
		"tls": {TLS: ptr("ssl")}, "port": {Port: ptr(0)}, "host": {Host: ptr("smtp.example.com:25")},
	} {
		var wrong *Invalid
		_, err := b.ReconnectAccount(b.ctx, mayas, settings)
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, field, wrong.Field)
	}
	var missing *NotFound
	_, err := b.ReconnectAccount(b.ctx, "tom@northwind.example", AccountSettings{})
	require.ErrorAs(t, err, &missing)
	require.Equal(t, &NotFound{Thing: AccountThing, Key: "tom@northwind.example", Existing: []string{mayas}}, missing)
	var exists *AccountIs
	_, err = b.AddAccount(b.ctx, "MAYA@northwind.example", AccountSettings{})
	require.ErrorAs(t, err, &exists)
	require.Equal(t, campaign.AccountConnected, exists.Status)
}

func TestWhatBecomesOfAnAccountThatCannotLogIn(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	away := errors.New("connection refused")
	b.LogIn = func(context.Context, campaign.EmailAccount) error { return away }
	var failed *LoginFailed
	_, err := b.ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, away)
	require.Equal(t, NothingChanged, failed.Then)
	_, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{Port: ptr(25), Password: ptr(campaign.Secret("x"))})
	require.ErrorAs(t, err, &failed)
	require.Equal(t, SettingsNotKept, failed.Then)
	_, err = b.AddAccount(b.ctx, "tom@northwind.example", AccountSettings{Host: ptr("x.example"), Password: ptr(campaign.Secret("x"))})
	require.ErrorAs(t, err, &failed)
	require.Equal(t, NotAdded, failed.Then)
	accounts, err := b.Accounts(b.ctx)
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	require.Equal(t, 587, accounts[0].Port)
	require.Equal(t, campaign.AccountConnected, accounts[0].Status)
}
