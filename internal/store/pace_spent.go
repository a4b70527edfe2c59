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
	today := pace.DateOf(now.In(zone))
	for _, quarter := range quarters {
		day := pace.DateOf(quarter.Last.In(zone))
		switch {
		case today.Before(day): // a clock that was ahead: today is spent as it was before
			continue
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
	spent = account.Believed(now, spent)
	var day *string
	if spent.Day != (pace.Date{}) {
		text := spent.Day.String()
		day = &text
	}
	_, err = tx.Exec(ctx, `UPDATE account_pace SET next_at = $2, day = $3::date, count = $4, sending_day = $5 WHERE address = $1`,
		address, timeOrNull(spent.Next), day, spent.Count, spent.SendingDay)
	return spent, err
}

// giveBackBudget takes an email that passed the gate at a moment, and was definitely not accepted, out of
// what its account has spent; the ledger counts it no more. Which date has it is asked of the account's
// zone as it is now, for there it was counted, by the gate or anew: the date that the gate had
// charged may be another by now, or that of another account's (law 8).
func giveBackBudget(ctx context.Context, tx pgx.Tx, address string, passed *time.Time) error {
	if address == "" || passed == nil { // a text message, or one that was not sent
		return nil
	}
	// Claims of a free account share the row with this lock, and a pace that it is just given is waited for: it
	// has counted the message.
	if _, err := tx.Exec(ctx, `SELECT FROM account_pace WHERE address = $1 FOR NO KEY UPDATE`, address); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `
		SELECT a.pace, cal.rules AS calendar, coalesce(p.day::text, '') AS day, p.count
		  FROM account_pace p JOIN email_accounts a ON a.address = p.address CROSS JOIN calendar cal
		 WHERE p.address = $1`, address)
	if err != nil {
		return err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		Pace     pace.AccountRules
		Calendar pace.Calendar
		Day      string
		Count    int
	}])
	switch {
	case isMissing(err), err == nil && (row.Pace.Free() || row.Day == ""): // nothing is counted
		return nil
	case err != nil:
		return err
	}
	account, err := row.Pace.Account(row.Calendar)
	if err != nil {
		return err
	}
	counted := pace.DateOf(passed.In(account.Hours.Zone)).String() == row.Day
	switch {
	case account.Ramp != (pace.Ramp{}) && (!counted || row.Count == 1): // its date may be no sending day any more
		_, err = rebuildSpent(ctx, tx, address, account)
	case counted:
		_, err = tx.Exec(ctx, `UPDATE account_pace SET count = count - 1, look_at = NULL WHERE address = $1 AND count > 0`, address)
	}
	return err
}
