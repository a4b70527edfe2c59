package operator

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/pace"
)

// BenchmarkWhyAndForecast asks with so many in line of one account, at 400 a day and three
// mails each; one in a hundred waits for a follow-up by a timer.
func BenchmarkWhyAndForecast(b *testing.B) {
	for _, contacts := range []int{500, 50_000} {
		for _, zones := range []int{1, 16} {
			o := longLine(b, contacts, zones)
			b.Run(fmt.Sprintf("why/%d in line/%d zones", contacts, zones), func(b *testing.B) {
				for b.Loop() {
					all, err := o.Why(b.Context(), int64(contacts/2+1), "")
					require.NoError(b, err)
					require.NotNil(b, all[0].Latest)
				}
			})
			b.Run(fmt.Sprintf("forecast/%d in line/%d zones", contacts, zones), func(b *testing.B) {
				for b.Loop() {
					forecast, err := o.Forecast(b.Context(), mayas)
					require.NoError(b, err)
					require.Zero(b, forecast.Remain)
				}
			})
		}
	}
}

func longLine(b *testing.B, contacts, zones int) *Operator {
	b.Helper()
	url := pgtest.NewFrom(b, "migrated", migrate)
	o := New(Options{LookupEnv: func(name string) (string, bool) {
		value, ok := map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": testKey}[name]
		return value, ok
	}, By: "tess"})
	b.Cleanup(o.Close)
	db, err := o.database(b.Context())
	require.NoError(b, err)
	pool, err := pgxpool.New(context.Background(), url)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	exec := func(sql string, args ...any) {
		b.Helper()
		_, err := pool.Exec(b.Context(), sql, args...)
		require.NoError(b, err, sql)
	}
	exec(`INSERT INTO users (key, name) VALUES ('maya', 'Maya')`)
	exec(`INSERT INTO email_accounts (address, host, port, tls, pace) VALUES ($1, 'smtp.northwind.example', 587, 'starttls', $2)`, mayas,
		pace.AccountRules{Gap: 45 * time.Second, Jitter: 15 * time.Second, PerDay: 400, Zone: "Europe/Brussels"})
	exec(`INSERT INTO account_pace (address) VALUES ($1)`, mayas)
	window, err := pace.ParseWindows("mon-fri 09:00-17:00")
	require.NoError(b, err)
	rules := pace.CampaignRules{Windows: window, Zone: "Europe/Brussels"}
	if zones > 1 {
		rules.Zone = pace.RecipientZone
	}
	exec(`INSERT INTO campaigns (key, name, owner, sender, steps, send_window) VALUES ('q4', 'Q4', 'maya', $1, '[{"id":"intro","kind":"email"},{"id":"w2","kind":"wait","wait":259200000000000,"days":3},
		{"id":"second","kind":"email"},{"id":"w3","kind":"wait","wait":432000000000000,"days":5},{"id":"third","kind":"email"}]', $2)`, mayas, rules)
	exec(`INSERT INTO contacts (first_name, email, fields) SELECT 'C' || i, 'c' || i || '@contoso.example', '{"Country": "Belgium"}' FROM generate_series(1, $1::int) AS i`, contacts)
	_, err = db.Enroll(b.Context(), "q4", nil, "test", false)
	require.NoError(b, err)
	exec(`UPDATE enrollments SET status = 'Waiting', started_at = now()`)
	exec(`UPDATE enrollments SET step_id = 'w2', step_index = 1, next_at = now() + id * interval '1 minute' WHERE id % 100 = 0`)
	exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, zone, band, state, not_before)
		SELECT id, 'intro', 'q4', $1, CASE WHEN $2 > 1 THEN (ARRAY['Europe/Brussels','Europe/London','Europe/Lisbon','Europe/Athens','America/New_York','America/Chicago','America/Los_Angeles','America/Sao_Paulo',
		       'Asia/Kolkata','Asia/Singapore','Asia/Dubai','Africa/Cairo','Africa/Lagos','Europe/Istanbul','Europe/Helsinki','Europe/Dublin'])[1 + (hashint8(id) & 15)] ELSE '' END,
		       2, 'waiting', NULL FROM enrollments WHERE next_at IS NULL ORDER BY id`, mayas, zones)
	require.NoError(b, db.FoldTally(b.Context()))
	exec(`ANALYZE`)
	return o
}
