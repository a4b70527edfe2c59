package store

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
)

// BenchmarkGiveTurns gives the turns of 500 accounts with a gap of 3 s and 100,000 of seven campaigns in line,
// as the giver does, while each turn is used at once: how late each is beyond its moment
// (ms), and what part of a core this process takes for it.
func BenchmarkGiveTurns(b *testing.B) {
	ctx := b.Context()
	url := pgtest.New(b)
	db, err := Open(ctx, url, testKey)
	require.NoError(b, err)
	b.Cleanup(db.Close)
	_, err = db.Migrate(ctx)
	require.NoError(b, err)
	pool, err := pgxpool.New(ctx, url)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	for _, sql := range []string{
		`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`,
		`INSERT INTO email_accounts (address, name, host, port, tls, pace) SELECT 'a' || i || '@t.example', 'A', '127.0.0.1', 25, 'none', '{"gap": 3000000000, "perDay": 100000}' FROM generate_series(1, 500) i`,
		`INSERT INTO campaigns (key, name, owner, steps) SELECT 'q' || i, 'Q', 'maya', '[{"id":"one","kind":"email","subject":"Hi","body":"Hello"}]' FROM generate_series(0, 6) i`,
		`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@t.example' FROM generate_series(1, 100000) i`,
		`INSERT INTO enrollments (campaign, contact_id, status, step_id) SELECT 'q' || id % 7, id, 'Waiting', 'one' FROM contacts`,
		`INSERT INTO account_pace (address) SELECT address FROM email_accounts`,
		`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT id, 'one', campaign, 'a' || (1 + id % 500) || '@t.example', 2, 'waiting' FROM enrollments`,
		`ANALYZE`,
		`UPDATE account_pace SET next_at = clock_timestamp() + random() * interval '3 s'`,
	} {
		_, err := pool.Exec(ctx, sql)
		require.NoError(b, err, sql)
	}
	var late []float64
	var used time.Duration
	began, tended := time.Now(), time.Time{}
	cpu := processTime()
	b.ResetTimer()
	for len(late) < b.N {
		if time.Since(tended) > time.Second {
			tended = time.Now()
			_, err := db.TendLine(ctx)
			require.NoError(b, err)
		}
		again, _, err := db.GiveTurns(ctx, 100)
		require.NoError(b, err)
		turns, err := db.TurnsToSignal(ctx, 200)
		require.NoError(b, err)
		if len(turns) == 0 {
			time.Sleep(again) //nolint:forbidigo // as the giver does
			continue
		}
		require.NoError(b, db.TurnsSignalled(ctx, turns, nil))
		use := time.Now()
		rows, err := pool.Query(ctx, `
			WITH used AS (DELETE FROM line WHERE state = 'granted' RETURNING enrollment_id, account, granted_at),
			gone AS (UPDATE enrollments e SET status = 'Active' FROM used WHERE e.id = used.enrollment_id),
			paced AS (UPDATE account_pace p SET next_at = granted_at + interval '3 s', look_at = NULL FROM used WHERE p.address = used.account RETURNING p.address)
			SELECT extract(epoch FROM granted_at - p.next_at)::float8 * 1000 FROM used JOIN account_pace p ON p.address = used.account`)
		require.NoError(b, err)
		var ms float64
		for rows.Next() {
			require.NoError(b, rows.Scan(&ms))
			late = append(late, ms)
		}
		rows.Close()
		used += time.Since(use)
	}
	b.StopTimer()
	slices.Sort(late)
	b.ReportMetric(late[len(late)*99/100], "late-p99-ms")
	b.ReportMetric(late[len(late)/2], "late-ms")
	b.ReportMetric(float64(len(late))/time.Since(began).Seconds(), "turns/s")
	b.ReportMetric((processTime()-cpu).Seconds()/time.Since(began).Seconds(), "cores")
}

// processTime is what this process has used of the processors.
func processTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // it cannot fail for the process itself
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
