package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// AccountDay is how many emails an account has sent on one day.
type AccountDay struct {
	Account string
	// Day is its first moment, in UTC.
	Day  time.Time
	Sent int
}

// latestStart is how long before its answer a delivery has begun at most, for a count
// of what was sent by day: retries of technical failures take about a day.
const latestStart = 3 * 24 * time.Hour

// keptDays is for how many days account_days has what was sent.
const keptDays = 31

// AccountDays counts what was sent since the beginning of a day, by account and day; of one
// account, or of all when the address is empty. Of the ledger it reads what follows the
// last day that CountDays has counted, and that is its newest part.
func (s *Store) AccountDays(ctx context.Context, address string, since time.Time) ([]AccountDay, error) {
	rows, err := s.pool.Query(ctx, `
		WITH open AS MATERIALIZED (
			SELECT min(day) AS day, min(day)::timestamp AT TIME ZONE 'UTC' AS at FROM (SELECT generate_series(utc_day($2), utc_day(clock_timestamp()), '1 day')::date) AS of (day)
			 WHERE NOT EXISTS (SELECT FROM account_days k WHERE k.day = of.day AND k.account = ''))
		SELECT k.account, k.day::timestamp AT TIME ZONE 'UTC', k.sent FROM account_days k, open
		 WHERE k.day >= utc_day($2) AND k.day < open.day AND k.account <> '' AND ($1 = '' OR k.account = $1)
		 UNION ALL
		SELECT account, date_trunc('day', settled_at, 'UTC'), count(*) FROM deliveries
		 WHERE reserved_at >= (SELECT at FROM open) - $3::interval AND settled_at >= (SELECT at FROM open)
		   AND kind = 'email' AND state = 'sent' AND ($1 = '' OR account = $1) GROUP BY 1, 2 ORDER BY 1, 2`,
		address, since, latestStart)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[AccountDay])
}

// countDays counts what accounts have sent on the days that are over and were not counted
// yet, and forgets those that nobody asks for any more. A day is over for an hour before:
// what was accepted on it has been written by then.
func (s *Store) countDays(ctx context.Context) error {
	var counted bool
	err := s.pool.QueryRow(ctx, `
		SELECT count(*) = $1::int FROM account_days WHERE account = '' AND day >= utc_day(clock_timestamp() - interval '1 hour') - $1::int`, keptDays).Scan(&counted)
	if err != nil || counted {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error { return countDays(ctx, tx, false) })
}

// countDays counts them all when it is asked to do so again.
func countDays(ctx context.Context, tx pgx.Tx, again bool) error {
	// Before the count's snapshot: what changes a day meanwhile waits, and takes it back.
	if _, err := tx.Exec(ctx, `LOCK TABLE account_days IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return err
	}
	if again {
		if _, err := tx.Exec(ctx, `DELETE FROM account_days`); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		WITH today AS (SELECT utc_day(clock_timestamp() - interval '1 hour') AS day),
		old AS (DELETE FROM account_days USING today WHERE account_days.day < today.day - $1::int),
		open AS MATERIALIZED (
			SELECT of.day::date AS day FROM today, generate_series(today.day - $1::int, today.day - 1, '1 day') AS of (day)
			 WHERE NOT EXISTS (SELECT FROM account_days k WHERE k.day = of.day::date AND k.account = '')),
		since AS MATERIALIZED (SELECT min(day)::timestamp AT TIME ZONE 'UTC' AS at FROM open),
		sent AS (
			SELECT utc_day(settled_at) AS day, account, count(*) AS n FROM deliveries
			 WHERE reserved_at >= (SELECT at FROM since) - $2::interval AND settled_at >= (SELECT at FROM since) AND kind = 'email' AND state = 'sent' AND account <> '' GROUP BY 1, 2)
		INSERT INTO account_days SELECT day, '', 0 FROM open UNION ALL SELECT s.day, s.account, s.n FROM sent s JOIN open USING (day)`, keptDays, latestStart)
	return err
}
