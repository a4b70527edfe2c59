package store

import (
	"slices"
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
	require.Equal(t, []LineCount{{maya, "q4", false, InLineStuck, 1}, {maya, "q4", false, InLineWaiting, 2}}, counts, "a place that is held does not wait")

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
	require.WithinDuration(t, now.Add(-5*time.Minute), head().Due, time.Millisecond, "a turn that comes to nothing, again and again, changes nothing")
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

// What is counted from the tally is what those come to who are read one by one, whatever is
// noted of some of them.
func TestThoseWhoComeAreCountedAsTheyAreRead(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 400)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ('tom@northwind.example', 'Tom', '127.0.0.1', 25, 'none')`)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, senders, steps) SELECT more.key, more.key, 'maya', sender, more.senders::text[], steps FROM campaigns c,
		(VALUES ('q5', '{}'), ('q6', '{maya@northwind.example,tom@northwind.example}'), ('q7', '{}')) AS more (key, senders) WHERE c.key = 'q4'`)
	b.exec(`UPDATE campaigns SET sender = NULL WHERE key = 'q6'`)
	b.exec(`UPDATE enrollments SET campaign = (ARRAY['q4', 'q5', 'q6'])[1 + id % 3], step_id = CASE id % 11 WHEN 1 THEN 'wait-2' WHEN 2 THEN 'gone' ELSE 'intro' END,
		step_index = CASE id % 11 WHEN 1 THEN 1 WHEN 2 THEN 1 + id % 2 ELSE 0 END, status = CASE WHEN id % 7 < 4 THEN 'Active' WHEN id % 7 = 4 THEN 'Paused' WHEN id % 7 = 5 THEN 'Waiting' ELSE 'Completed' END,
		next_at = CASE WHEN id % 7 = 5 AND id % 2 = 0 THEN now() + id * interval '1 minute' END`)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since, charged) SELECT id, step_id, campaign, $1, 1 + id % 2, (ARRAY['held', 'held', 'claimed', 'waiting'])[1 + id % 4],
		now(), CASE WHEN id % 8 = 0 THEN current_date END FROM enrollments WHERE id % 5 = 0 AND status <> 'Completed'`, maya)
	b.exec(`INSERT INTO retries (enrollment_id, step_id, step_index, visit, attempt, attempts, why, failed_at, next_at) SELECT id, step_id, step_index, 1, 1, 9, '451', now(), now() + interval '1 hour'
		FROM enrollments WHERE id % 8 < 2`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, message_date) SELECT id, step_id, 1, 'email', (ARRAY['reserved', 'sent', 'wire'])[1 + id % 3], $1, 'c@contoso.example', now()
		FROM enrollments WHERE id % 8 < 3`, maya)
	b.exec(`INSERT INTO contact_holds (contact_id, until, words) SELECT id, now() + (id % 3 - 1) * interval '1 day', 'away' FROM contacts WHERE id % 13 = 0`)
	b.exec(`INSERT INTO ended_workflows (enrollment_id, how) SELECT id, 'terminated' FROM enrollments WHERE id % 17 = 0`)
	queries := []LineQuery{{}, {Account: maya}, {Campaign: "q4"}, {Campaign: "q5"}, {Campaign: "q6"}, {Campaign: "q7"}}
	for id := int64(1); id <= 60; id++ {
		queries = append(queries, LineQuery{Contact: id})
	}
	for _, query := range queries {
		query.manyActive = 1000
		read, err := b.LineView(b.ctx, query)
		require.NoError(t, err)
		query.manyActive = 1
		counted, err := b.LineView(b.ctx, query)
		require.NoError(t, err)
		for _, view := range []*LineView{&read, &counted} {
			view.Cohorts = slices.DeleteFunc(view.Cohorts, func(cohort LineCohort) bool { return cohort.State != "" })
		}
		require.Len(t, counted.Cohorts, len(read.Cohorts), "%+v", query)
		for i := range read.Cohorts {
			for _, cohort := range []LineCohort{read.Cohorts[i], counted.Cohorts[i]} { // which stand in no order
				slices.Sort(cohort.Seqs)
				slices.SortFunc(cohort.Froms, time.Time.Compare)
				slices.SortFunc(cohort.Sinces, time.Time.Compare)
			}
			require.Equal(t, read.Cohorts[i], counted.Cohorts[i], "%+v", query)
		}
		if query.Contact == 0 && query.Campaign != "q7" {
			require.NotEmpty(t, read.Cohorts)
		}
	}
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

// A turn is late by the time since its account could send: not by the night before.
func TestHowLateATurnIs(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC) // a Monday
	windows, err := pace.ParseWindows("mon-fri 09:00-17:00")
	require.NoError(t, err)
	at := func(d time.Duration) *time.Time { t := day.Add(d); return &t }
	for name, c := range map[string]struct {
		head headRow
		late time.Duration
	}{
		"since the gap is over":     {headRow{spentRow: spentRow{NextAt: at(12 * time.Hour)}, Since: day, Now: day.Add(12*time.Hour + 40*time.Millisecond)}, 40 * time.Millisecond},
		"since it stands in line":   {headRow{Since: day.Add(12 * time.Hour), Now: day.Add(12*time.Hour + time.Second)}, time.Second},
		"since the window opened":   {headRow{SendWindow: pace.CampaignRules{Windows: windows}, Since: day.Add(-50 * time.Hour), Now: day.Add(9*time.Hour + time.Second)}, time.Second},
		"since the day began":       {headRow{spentRow: spentRow{Day: text("2026-11-29"), Count: 400, NextAt: at(-5 * time.Hour)}, Since: day.Add(-9 * time.Hour), Now: day.Add(2 * time.Second)}, 2 * time.Second},
		"since the rest is over":    {headRow{RestingUntil: at(11 * time.Hour), Since: day, Now: day.Add(11*time.Hour + time.Second)}, time.Second},
		"a clock that was put back": {headRow{Since: day.Add(time.Hour), Now: day}, 0},
	} {
		c.head.Pace = &pace.AccountRules{Gap: 90 * time.Second, PerDay: 400}
		account, window, err := c.head.rules()
		require.NoError(t, err)
		spent, err := c.head.spent()
		require.NoError(t, err)
		require.Equal(t, c.late, c.head.late(account, window, spent), name)
	}

	b := setupLedger(t, 2)
	b.setPace(pace.AccountRules{Gap: time.Minute})
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state, since, lapses) SELECT id, 'intro', 'q4', $1, 2, 'waiting', clock_timestamp() - interval '1 hour', id - 1 FROM enrollments`, maya)
	b.exec(`INSERT INTO account_pace (address, next_at, look_at) VALUES ($1, now() - interval '30 s', NULL)
		ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at, look_at = NULL`, maya)
	_, late, err := b.GiveTurns(b.ctx, 10)
	require.NoError(t, err)
	require.Len(t, late, 1)
	require.InDelta(t, 30, late[0].Seconds(), 20)
	_, late, err = b.GiveTurns(b.ctx, 10)
	require.NoError(t, err)
	require.Empty(t, late, "the turn is out")

	numbers, err := b.LineNumbers(b.ctx)
	require.NoError(t, err)
	require.InDelta(t, 3600, numbers.Oldest.Seconds(), 60)
	require.Equal(t, map[LineState]int{InLineWaiting: 1, InLineGranted: 1, InLineAsleep: 0, InLineClaimed: 0, InLineStuck: 0}, numbers.States)
	require.Equal(t, 1, numbers.Lapsed)
}

func text(s string) *string { return &s }
