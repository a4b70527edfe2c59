package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func TestWhatAccountsSendAndWhoWaitsForThem(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	broken := failure.Problem{Code: failure.EmailAccountInError, Causes: []failure.Cause{failure.EmailAccount(maya), failure.CampaignSender("q4")}}
	b.park(1, broken)
	b.park(2, broken)
	b.park(3, noSender)
	nobody, err := b.BrokenAccounts(b.ctx, 2)
	require.NoError(t, err)
	require.Equal(t, BrokenAccounts{Few: []string{}}, nobody)
	b.exec(`UPDATE email_accounts SET status = 'in_error'`)
	b.exec(`INSERT INTO email_accounts (address, host, port, tls, status) SELECT a || '@northwind.example', 'h', 25, 'none', 'in_error' FROM unnest('{a,b}'::text[]) a`)
	now, err := b.BrokenAccounts(b.ctx, 2)
	require.NoError(t, err)
	require.Equal(t, BrokenAccounts{Few: []string{maya, "a@northwind.example"}, Total: 3, Waiting: 2}, now)
	waits, err := b.AccountWaits(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []AccountWait{{Cause: failure.EmailAccount(maya), Code: failure.EmailAccountInError, Count: 2}}, waits)

	today := time.Now().UTC().Truncate(24 * time.Hour)
	for days, n := range []int{1, 2, 0, 3, 9} {
		for i := range n {
			b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at)
				VALUES (1, $1, $2, 'email', 'sent', $3, 'x', now(), $4::timestamptz, $4)`, today.AddDate(0, 0, -days).String(), i+1, maya, today.AddDate(0, 0, -days).Add(time.Minute))
		}
	}
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, settled_at) VALUES
		(1, 'tell', 1, 'sms', 'sent', '', 'x', now(), now()), (1, 'intro', 1, 'email', 'failed', $1, 'x', now(), now())`, maya)
	for _, address := range []string{"", maya} {
		days, err := b.AccountDays(b.ctx, address, today.AddDate(0, 0, -3))
		require.NoError(t, err)
		require.Len(t, days, 3)
		require.Equal(t, []int{3, 2, 1}, []int{days[0].Sent, days[1].Sent, days[2].Sent})
		require.True(t, days[2].Day.Equal(today))
	}
	days, err := b.AccountDays(b.ctx, "a@northwind.example", today)
	require.NoError(t, err)
	require.Empty(t, days)
}

func TestARemovalIsOfWhatWasSeen(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.park(1, failure.Problem{Code: failure.SendingFailed})
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1 WHERE id = 2`) // its only email has gone out
	b.exec(`UPDATE enrollments SET status = 'Completed', ended_at = now() WHERE id = 3`)
	parks, err := b.WouldPark(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, 2, parks)
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	var stale *Stale
	_, err = b.RemoveAccount(b.ctx, maya, "lea", RemovalSeen{Epoch: account.Epoch, Parks: 1})
	require.ErrorAs(t, err, &stale)
	_, err = b.ConnectAccount(b.ctx, campaign.EmailAccount{Address: maya, SMTP: account.SMTP}, "tom")
	require.NoError(t, err)
	_, err = b.RemoveAccount(b.ctx, maya, "lea", RemovalSeen{Epoch: account.Epoch, Parks: 2})
	require.ErrorAs(t, err, &stale)
	require.Equal(t, "tom", stale.By)
	_, err = b.RemoveAccount(b.ctx, maya, "lea", RemovalSeen{Epoch: account.Epoch + 1, Parks: 2})
	require.NoError(t, err)
	require.Equal(t, "removed", one[string](b, `SELECT status FROM email_accounts`))
	parks, err = b.WouldPark(b.ctx, "nobody@northwind.example")
	require.NoError(t, err)
	require.Zero(t, parks)
}
