package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func TestContactsAreFoundByWhatTheyHold(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	_, _, err := b.SetContact(b.ctx, 2, ContactEdit{FirstName: ptr("100%"), Fields: map[string]string{"city": "Ghent_1"}}, "")
	require.NoError(t, err)
	for search, want := range map[string]int{"": 3, "c2@CONTOSO": 1, "ghent_": 1, "0%": 1, "%": 1, "_": 1, "nobody": 0} {
		found, total, err := b.Contacts(b.ctx, search, 0)
		require.NoError(t, err)
		require.Len(t, found, want, search)
		require.Equal(t, want, total, search)
	}
	page, total, err := b.Contacts(b.ctx, "", 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, 3, total)
	_, err = b.Contact(b.ctx, 99)
	require.ErrorIs(t, err, ErrNotFound)
	var missing *Error
	require.ErrorAs(t, err, &missing)
	require.Equal(t, Error{Kind: ErrNotFound, Thing: "contact", Key: "99", Text: "there is no contact 99"}, *missing)
}

func TestAnAddressBelongsToOneContact(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	_, _, err := b.SetContact(b.ctx, 1, ContactEdit{Email: ptr("C2@contoso.example")}, "")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "contact 2")
	for id := range 2 { // two contacts may both have none
		contact, change, err := b.SetContact(b.ctx, int64(id+1), ContactEdit{Email: ptr("")}, "")
		require.NoError(t, err)
		require.Empty(t, contact.Email)
		require.Len(t, change.Edits, 1)
	}
}

func TestTheSenderMustBeThere(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	_, _, err := b.SetSender(b.ctx, "q4", "jo@northwind.example", "")
	require.ErrorIs(t, err, ErrNotFound)
	_, _, err = b.SetSender(b.ctx, "q5", maya, "")
	require.ErrorIs(t, err, ErrNotFound)
	_, change, err := b.SetSender(b.ctx, "q4", "", "")
	require.NoError(t, err)
	require.Equal(t, []Edit{{Field: "sender", From: maya}}, change.Edits)
	_, err = b.RemoveAccount(b.ctx, maya, "test", RemovalSeen{})
	require.NoError(t, err)
	_, _, err = b.SetSender(b.ctx, "q4", maya, "")
	require.ErrorIs(t, err, ErrRefused)
}

func TestAccountsAreListedWithoutTheKey(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	account := mayasAccount("secret")
	change, err := b.ConnectAccount(b.ctx, account, "")
	require.NoError(t, err)
	require.Equal(t, []Edit{{Field: "password"}}, change.Edits)
	b.parkOn(failure.EmailAccount(maya))
	keyless, err := Open(b.ctx, b.pool.Config().ConnString(), nil)
	require.NoError(t, err)
	defer keyless.Close()
	accounts, err := keyless.EmailAccounts(b.ctx)
	require.NoError(t, err)
	require.Len(t, accounts, 1)
	require.Equal(t, []string{"q4"}, accounts[0].Campaigns)
	require.Equal(t, 1, accounts[0].Resuming)
	_, err = keyless.EmailAccount(b.ctx, maya)
	require.ErrorIs(t, err, ErrNoSecretKey)

	require.NoError(t, b.AccountFailed(b.ctx, maya, 1, failure.Words{Said: "late news"}, "test"))
	require.Equal(t, "connected", one[string](b, `SELECT status FROM email_accounts`), "what failed with older settings says nothing")
	require.NoError(t, b.AccountFailed(b.ctx, maya, 2, failure.Words{Said: "535 no"}, "test"))
	read, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, campaign.AccountInError, read.Status)
	require.Equal(t, "535 no", read.Reason)
}

func TestCreditsServeNoMoreThanThereAre(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	for id := int64(1); id <= 3; id++ {
		_, err := b.Hold(b.ctx, b.attempt(id), emailCheck)
		require.NoError(t, err)
	}
	plan, change, err := b.AddCredits(b.ctx, 2, "")
	require.NoError(t, err)
	require.Equal(t, campaign.Billing{Credits: 2}, plan)
	require.Equal(t, 2, change.Resuming)
	_, _, err = b.AddCredits(b.ctx, 0, "")
	require.ErrorIs(t, err, ErrRefused)
}

func TestBounces(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	added, err := b.AddBounce(b.ctx, "X@Contoso.example", "told so", "maya")
	require.NoError(t, err)
	require.True(t, added)
	added, err = b.AddBounce(b.ctx, "x@contoso.example", "", "maya")
	require.NoError(t, err)
	require.False(t, added)
	bounces, err := b.Bounces(b.ctx)
	require.NoError(t, err)
	require.Len(t, bounces, 1)
	require.Equal(t, "told so", bounces[0].Reason)
	_, err = b.RemoveBounce(b.ctx, "x@contoso.example", "maya")
	require.NoError(t, err)
	_, err = b.RemoveBounce(b.ctx, "x@contoso.example", "maya")
	require.ErrorIs(t, err, ErrNotFound)
}
