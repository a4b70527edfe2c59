package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// rampDays is how many days back sending days are counted, for an account with a ramp.
const rampDays = 400

// Zones are ahead of UTC by quarters of an hour, so the messages of a quarter leave on the
// same date, whatever the zone.
const sentByQuarterSQL = `
SELECT date_bin('15 minutes', at, 'epoch') AS quarter, count(*)::int AS count, max(at) AS last
  FROM (SELECT wire_at AS at FROM deliveries
         WHERE reserved_at >= $2 AND wire_at >= $3 AND account = $1 AND kind = 'email' AND state IN ('wire', 'sent', 'uncertain')
         UNION ALL SELECT sent_at FROM test_sends WHERE account = $1 AND sent_at >= $3) AS sent
 GROUP BY 1 ORDER BY 1`

// rebuildSpent writes what the ledger says that an account has spent into its row of
// account_pace, which there is and which the caller has locked, and returns it: of today's date
// in the account's zone, and how many dates had mails before it when there is a ramp, which
// alone asks for that. So neither a change of zone nor a new limit gives a second budget (law
// 8). A moment that was set for the next mail stays, but no later than a gap from now.
func rebuildSpent(ctx context.Context, tx pgx.Tx, address string, account pace.Account) (pace.Spent, error) {
	var now time.Time
	var next *time.Time
	var seq int64
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp(), next_at, seq FROM account_pace WHERE address = $1`, address).Scan(&now, &next, &seq); err != nil {
		return pace.Spent{}, err
	}
	zone := account.Hours.Zone
	longest := account.Gap + account.Jitter
	first := pace.DateOf(now.Add(-longest).In(zone)) // the last mail may be of yesterday
	if account.Ramp != (pace.Ramp{}) {
		first = pace.DateOf(now.In(zone)).Add(-rampDays)
	}
	since := first.At(0, zone)
	rows, err := tx.Query(ctx, sentByQuarterSQL, address, since.Add(-latestStart), since)
	if err != nil {
		return pace.Spent{}, err
	}
	quarters, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		Quarter time.Time
		Count   int
		Last    time.Time
	}])
	if err != nil {
		return pace.Spent{}, err
	}
	var spent pace.Spent
	for _, quarter := range quarters {
		day := pace.DateOf(quarter.Last.In(zone))
		switch {
		case spent.Day == day:
			spent.Count += quarter.Count
		case spent.Day == pace.Date{}:
			spent.Day, spent.Count = day, quarter.Count
		default:
			spent.Day, spent.Count, spent.SendingDay = day, quarter.Count, spent.SendingDay+1
		}
		spent.Next = account.After(spent, quarter.Last, address, seq).Next
	}
	if next != nil {
		if latest := now.Add(longest); next.After(latest) {
			next = &latest
		}
		if next.After(spent.Next) {
			spent.Next = *next
		}
	}
	var day *string
	if spent.Day != (pace.Date{}) {
		text := spent.Day.String()
		day = &text
	}
	_, err = tx.Exec(ctx, `UPDATE account_pace SET next_at = $2, day = $3::date, count = $4, sending_day = $5 WHERE address = $1`,
		address, timeOrNull(spent.Next), day, spent.Count, spent.SendingDay)
	return spent, err
}
