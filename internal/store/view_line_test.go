package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

func TestTheLineIsCountedAndItsHeadRead(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	counts, err := b.LineCounts(b.ctx)
	require.NoError(t, err)
	require.Empty(t, counts)
	b.setPace(pace.AccountRules{Gap: time.Minute, PerDay: 400})
	now := one[time.Time](b, `SELECT clock_timestamp()`)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since) VALUES
		(1, 'intro', 'q4', $1, 2, 'waiting', $2::timestamptz - interval '1 hour'), (2, 'intro', 'q4', $1, 1, 'waiting', $2::timestamptz - interval '10 minutes'),
		(3, 'intro', 'q4', $1, 2, 'stuck', $2), (4, 'intro', 'q4', $1, 2, 'held', $2)`, maya, now)
	b.exec(`INSERT INTO account_pace (address, next_at, day, count) VALUES ($1, $2::timestamptz - interval '2 hours', '2026-11-02', 388)
		ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at, day = excluded.day, count = excluded.count`, maya, now)
	counts, err = b.LineCounts(b.ctx)
	require.NoError(t, err)
	require.Equal(t, []LineCount{{maya, "q4", InLineStuck, 1}, {maya, "q4", InLineWaiting, 2}}, counts, "a place that is held does not wait")

	head := func() LineHead {
		t.Helper()
		heads, err := b.LineHeads(b.ctx)
		require.NoError(t, err)
		require.Len(t, heads, 1)
		return heads[0]
	}
	require.WithinDuration(t, now.Add(-10*time.Minute), head().Since, time.Millisecond, "follow-ups come first")
	require.Equal(t, 388, head().Spent.Count)
	require.Equal(t, time.Minute, head().Account.Gap)
	b.exec(`UPDATE account_pace SET next_at = $1`, now.Add(-5*time.Minute))
	require.WithinDuration(t, now.Add(-5*time.Minute), head().Since, time.Millisecond, "the gap came after")
	b.exec(`UPDATE line SET state = 'granted', granted_at = $1 WHERE enrollment_id = 2`, now.Add(-time.Minute))
	require.WithinDuration(t, now.Add(-time.Minute), head().Since, time.Millisecond, "another has just had the turn")
	b.exec(`UPDATE email_accounts SET resting_until = $1`, now.Add(time.Hour))
	require.True(t, head().Since.After(now), "the account rests")
	for _, statement := range []string{`UPDATE campaigns SET paused = true`, `UPDATE campaigns SET paused = false; UPDATE email_accounts SET status = 'in_error'`} {
		b.exec(statement)
		heads, err := b.LineHeads(b.ctx)
		require.NoError(t, err)
		require.Empty(t, heads, statement)
	}

	spent, at, err := b.AccountsSpent(b.ctx)
	require.NoError(t, err)
	require.Equal(t, 388, spent[maya].Count)
	require.WithinDuration(t, now, at, time.Minute)
}

func TestWhatLeftLately(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	now := one[time.Time](b, `SELECT clock_timestamp()`)
	left := func() bool {
		left, err := b.LeftSince(b.ctx, maya, now.Add(-3*time.Minute))
		require.NoError(t, err)
		return left
	}
	b.sentAt(now.Add(-4*time.Minute), campaign.Sent)
	require.False(t, left())
	b.sentAt(now.Add(-2*time.Minute), campaign.Uncertain)
	require.True(t, left())
	other, err := b.LeftSince(b.ctx, "tom@northwind.example", now.Add(-3*time.Minute))
	require.NoError(t, err)
	require.False(t, other)

	seen, _, err := b.GiverSeen(b.ctx)
	require.NoError(t, err)
	require.Zero(t, seen)
	require.NoError(t, b.TurnsAreGiven(b.ctx, "one"))
	seen, at, err := b.GiverSeen(b.ctx)
	require.NoError(t, err)
	require.WithinDuration(t, at, seen, time.Minute)
}

// BenchmarkLine reads what watches the line with 100,000 in it, of 500 accounts.
func BenchmarkLine(bench *testing.B) {
	s := openTest(bench)
	ctx := bench.Context()
	for _, statement := range []string{
		`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`,
		`INSERT INTO email_accounts (address, host, port, tls, pace) SELECT 'a' || i || '@lab.example', 'h', 25, 'none', '{"gap": 30000000000, "perDay": 400}' FROM generate_series(1, 500) i`,
		`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'c' || i, 'C', 'maya', 'a' || i || '@lab.example', '[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"}]' FROM generate_series(1, 500) i`,
		`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, 100000) i`,
		`INSERT INTO enrollments (campaign, contact_id, step_id, step_index, status, started_at) SELECT 'c' || (1 + id % 500), id, 'intro', 0, 'Waiting', now() FROM contacts`,
		`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since) SELECT id, 'intro', campaign, 'a' || substr(campaign, 2) || '@lab.example', 2, 'waiting', now() FROM enrollments`,
		`INSERT INTO account_pace (address, next_at, day, count) SELECT address, now(), current_date, 10 FROM email_accounts`,
		`ANALYZE`,
	} {
		_, err := s.pool.Exec(ctx, statement)
		require.NoError(bench, err, statement)
	}
	for name, read := range map[string]func() (int, error){
		"counts": func() (int, error) { counts, err := s.LineCounts(ctx); return len(counts), err },
		"heads":  func() (int, error) { heads, err := s.LineHeads(ctx); return len(heads), err },
		"numbers": func() (int, error) {
			numbers, err := s.LineNumbers(ctx)
			return numbers.States[InLineWaiting] / 200, err
		},
	} {
		bench.Run(name, func(bench *testing.B) {
			for bench.Loop() {
				n, err := read()
				require.NoError(bench, err)
				require.Equal(bench, 500, n)
			}
		})
	}
}
