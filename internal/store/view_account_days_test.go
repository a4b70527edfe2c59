package store

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// dayBundle compares, after each change, what AccountDays says with a plain count.
type dayBundle struct {
	*ledgerBundle
	since time.Time
}

func (b dayBundle) agrees(after string) {
	b.t.Helper()
	rows, err := b.pool.Query(b.ctx, `SELECT account, date_trunc('day', settled_at, 'UTC'), count(*) FROM deliveries
		WHERE settled_at >= $1 AND kind = 'email' AND state = 'sent' GROUP BY 1, 2 ORDER BY 1, 2`, b.since)
	require.NoError(b.t, err)
	counted, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AccountDay])
	require.NoError(b.t, err)
	require.NotEmpty(b.t, counted)
	all, err := b.AccountDays(b.ctx, "", b.since)
	require.NoError(b.t, err)
	require.Equal(b.t, counted, all, "after %s", after)
	var mayas []AccountDay
	for _, day := range counted {
		if day.Account == maya {
			mayas = append(mayas, day)
		}
	}
	one, err := b.AccountDays(b.ctx, maya, b.since)
	require.NoError(b.t, err)
	require.Equal(b.t, mayas, one, "after %s", after)
}

// kept is how many days need no look at the ledger.
func (b dayBundle) kept() int {
	return one[int](b.ledgerBundle, `SELECT count(*)::int FROM account_days WHERE account = ''`)
}

// Days that are over are counted once, and again when somebody changes them.
func TestDaysOfAccountsAreWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	b := dayBundle{setupLedger(t, 40), time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -13)}
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at)
		SELECT id, 'intro', 1, CASE id % 7 WHEN 0 THEN 'sms' ELSE 'email' END, 'sent', CASE id % 3 WHEN 0 THEN $1 ELSE 'tom@northwind.example' END, 'x', at, at, at
		  FROM enrollments, LATERAL (SELECT now() - id * interval '9 hours' AS at) AS t`, maya)
	b.agrees("nobody has counted")
	require.Zero(t, b.kept())
	require.NoError(t, b.FoldTally(b.ctx))
	require.Equal(t, keptDays, b.kept())
	b.agrees("a fold")
	b.exec(`UPDATE account_days SET sent = sent + 1 WHERE account = $1 AND day = utc_day($2)`, maya, b.since.AddDate(0, 0, 3))
	wrong, err := b.AccountDays(b.ctx, maya, b.since)
	require.NoError(t, err)
	require.NoError(t, b.FoldTally(b.ctx))
	same, err := b.AccountDays(b.ctx, maya, b.since)
	require.NoError(t, err)
	require.Equal(t, wrong, same, "what is counted is read, and not counted again")
	_, err = b.RecountTally(b.ctx)
	require.NoError(t, err)
	b.agrees("starter migrate")

	for _, change := range []struct {
		what, sql string
		days      int
	}{
		{"an answer of an earlier day was found", `UPDATE deliveries SET settled_at = settled_at - interval '1 day' WHERE enrollment_id = 6`, 2},
		{"one was not sent", `UPDATE deliveries SET state = 'failed' WHERE enrollment_id = 6`, 1},
		{"it was", `UPDATE deliveries SET state = 'sent' WHERE state = 'failed'`, 1},
		{"one is restored", `INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at) SELECT 1, 'intro', 2, 'email', 'sent', $1, 'x', at, at, at FROM (SELECT now() - interval '4 days' AS at) AS t`, 1},
		{"one is gone", `DELETE FROM deliveries WHERE visit = 2`, 1},
		{"all but one are gone", `DELETE FROM deliveries WHERE enrollment_id > 5`, 10},
	} {
		args := []any{}
		if change.what == "one is restored" {
			args = append(args, maya)
		}
		b.exec(change.sql, args...)
		require.LessOrEqual(t, b.kept(), keptDays-change.days, change.what)
		b.agrees(change.what)
		require.NoError(t, b.FoldTally(b.ctx))
		require.Equal(t, keptDays, b.kept())
		b.agrees(change.what + ", and a fold")
	}
	b.exec(`TRUNCATE deliveries CASCADE`)
	require.Zero(t, b.kept())
}

// A change of a day that is being counted waits for the count, and takes it back.
func TestADayThatIsCountedAndChangesIsCountedAgain(t *testing.T) {
	t.Parallel()
	b := dayBundle{setupLedger(t, 2), time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -13)}
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date, reserved_at, settled_at)
		SELECT id, 'intro', 1, 'email', 'sent', $1, 'x', at, at, at FROM enrollments, LATERAL (SELECT now() - interval '3 days' AS at) AS t`, maya)
	change, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = change.Rollback(b.ctx) }()
	_, err = change.Exec(b.ctx, `DELETE FROM deliveries WHERE enrollment_id = 1`)
	require.NoError(t, err)
	folded := make(chan error, 1)
	go func() { folded <- b.FoldTally(b.ctx) }()
	require.Eventually(t, func() bool {
		return one[bool](b.ledgerBundle, `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'account_days'::regclass AND NOT granted)`)
	}, waitFor, tick, "the count waits for the change")
	require.NoError(t, change.Commit(b.ctx))
	require.NoError(t, <-folded)
	require.Equal(t, keptDays, b.kept())
	b.agrees("both")
}
