package operator

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lineOfMaya has contacts 1 to 3 wait for maya's turn, at a pace, with a giver at work.
func (b *bundle) lineOfMaya() {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET pace = '{"gap": 20000000000, "perDay": 400}'`)
	b.exec(`INSERT INTO account_pace (address, next_at) VALUES ($1, now() - interval '2 hours')
		ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at`, mayas)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since)
		SELECT id, 'intro', 'q4', $1, 2, 'waiting', now() - interval '1 hour' FROM enrollments WHERE id <= 3`, mayas)
	b.exec(`UPDATE turns_given SET seen_at = now()`)
}

func (b *bundle) troubles() []LineTrouble {
	b.t.Helper()
	troubles, err := b.LineTroubles(b.ctx, "")
	require.NoError(b.t, err)
	return troubles
}

func TestLineTroubles(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	require.Equal(t, []LineTrouble{}, b.troubles())
	b.lineOfMaya()
	q4 := []string{"q4"}

	// Everything is open, and nothing has left.
	found := b.troubles()
	require.Len(t, found, 1)
	require.WithinDuration(t, time.Now().Add(-time.Hour), *found[0].Since, time.Minute)
	found[0].Since = nil
	require.Equal(t, LineTrouble{What: Stalled, Account: mayas, Campaigns: q4, Contacts: 3}, found[0])
	statuses, err := b.Statuses(b.ctx, "q4")
	require.NoError(t, err)
	require.Equal(t, Stalled, statuses[0].LineTroubles[0].What)

	// What explains it is no trouble of the line.
	inThreeDays := strings.ToLower(time.Now().AddDate(0, 0, 3).Weekday().String()[:3])
	for name, c := range map[string]struct{ is, was string }{
		"one has left": {`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, wire_at)
			VALUES (1, 'intro', 1, 'email', 'sent', 'maya@northwind.example', 'x', now(), now(), now())`, `DELETE FROM deliveries`},
		"the day is spent":       {`UPDATE account_pace SET day = (now() AT TIME ZONE 'UTC')::date, count = 400`, `UPDATE account_pace SET count = 3`},
		"the gap is not over":    {`UPDATE account_pace SET next_at = now() + interval '10 s'`, `UPDATE account_pace SET next_at = now() - interval '1 hour'`},
		"the account rests":      {`UPDATE email_accounts SET resting_until = now() + interval '1 hour'`, `UPDATE email_accounts SET resting_until = NULL`},
		"the account is broken":  {`UPDATE email_accounts SET status = 'in_error'`, `UPDATE email_accounts SET status = 'connected'`},
		"the campaign is paused": {`UPDATE campaigns SET paused = true`, `UPDATE campaigns SET paused = false`},
		"one has the turn":       {`UPDATE line SET state = 'granted', granted_at = now() WHERE enrollment_id = 1`, `UPDATE line SET state = 'waiting', granted_at = NULL`},
		"they have just come":    {`UPDATE line SET since = now()`, `UPDATE line SET since = now() - interval '1 hour'`},
		"all sleep":              {`UPDATE line SET state = 'asleep'`, `UPDATE line SET state = 'waiting'`},
		"the window is closed": {`UPDATE campaigns SET send_window = '{"windows": [{"days": "` + inThreeDays + `", "from": "09:00", "to": "10:00"}]}'`,
			`UPDATE campaigns SET send_window = '{}'`},
	} {
		b.exec(c.is)
		require.Empty(t, b.troubles(), name)
		b.exec(c.was)
		require.Len(t, b.troubles(), 1, name)
	}

	// Without a giver that is what is said, once.
	b.exec(`UPDATE turns_given SET seen_at = now() - interval '61 s'`)
	found = b.troubles()
	require.Len(t, found, 1)
	require.Equal(t, NoGiver, found[0].What)
	require.Equal(t, 3, found[0].Contacts)
	require.WithinDuration(t, time.Now().Add(-61*time.Second), *found[0].Since, time.Minute)
	b.exec(`UPDATE turns_given SET seen_at = NULL`)
	require.Equal(t, []LineTrouble{{What: NoGiver, Campaigns: q4, Contacts: 3}}, b.troubles())
	b.exec(`UPDATE turns_given SET seen_at = now()`)

	b.exec(`UPDATE line SET state = 'stuck' WHERE enrollment_id = 3; UPDATE line SET since = now()`)
	require.Equal(t, []LineTrouble{{What: PutAside, Account: mayas, Campaigns: q4, Contacts: 1}}, b.troubles())
	b.exec(`UPDATE line SET state = 'waiting'`)

	other, err := b.LineTroubles(b.ctx, "none")
	require.ErrorIs(t, err, ErrNotFound)
	require.Empty(t, other)
	b.exec(`INSERT INTO campaigns (key, name, owner, steps) VALUES ('other', 'Other', 'maya', '[]')`)
	other, err = b.LineTroubles(b.ctx, "other")
	require.NoError(t, err)
	require.Empty(t, other, "it has nobody in line")
}

func TestALongLineSaysHowLong(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	b.lineOfMaya()
	b.exec(`UPDATE email_accounts SET pace = '{"perDay": 1}'; DELETE FROM line`)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT id, 'intro', 'q4', $1, 2, 'asleep' FROM enrollments`, mayas)
	require.Equal(t, []LineTrouble{{What: TooLong, Account: mayas, Campaigns: []string{"q4"}, Contacts: 200, Days: 200}}, b.troubles())
	b.exec(`DELETE FROM line WHERE enrollment_id > 90`)
	require.Empty(t, b.troubles())
}

func TestAccountsSayTheirDayAndLine(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	accounts, err := b.Accounts(b.ctx)
	require.NoError(t, err)
	require.Nil(t, accounts[0].Today)
	b.lineOfMaya()
	b.exec(`UPDATE account_pace SET day = (now() AT TIME ZONE 'UTC')::date, count = 388; UPDATE line SET state = 'held' WHERE enrollment_id = 1`)
	accounts, err = b.Accounts(b.ctx)
	require.NoError(t, err)
	require.Equal(t, &UsedDay{388, 400}, accounts[0].Today)
	require.Equal(t, 2, accounts[0].InLine)
	view, _, err := b.AccountView(b.ctx, mayas)
	require.NoError(t, err)
	require.Equal(t, &UsedDay{388, 400}, view.Today)
}
