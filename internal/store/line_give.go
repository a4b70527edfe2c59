package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// atOnce is how many of a line have a turn at once where the account limits nothing:
// where it is free and a window has opened, or where it cannot send and they have to
// learn of it.
const atOnce = 200

// headRow is an account whose moment may have come, with the first of its line.
type headRow struct {
	spentRow
	Address      string
	Now          time.Time
	Connected    *bool
	Pace         *pace.AccountRules
	RestingUntil *time.Time
	Calendar     pace.Calendar
	Out          int
	EnrollmentID int64
	// Unbound is true when the first stands in a campaign's line.
	Unbound    bool
	Campaign   string
	Zone       string
	SendWindow pace.CampaignRules
	Paused     bool
	// Candidates are the paces of the senders of which any takes an unbound one.
	Candidates []pace.AccountRules
	// Since is since when the first has waited, and the account looked at and not due.
	Since time.Time
}

// The rows of account_pace are locked against claims of paced accounts, and not against those
// that share them; one that a claim or another giver holds is left to the next look. Those whose turn is out
// come last: however many they are, and however slow their servers, they keep no other waiting (law 7).
const dueSQL = `
SELECT p.address FROM account_pace p
 WHERE (p.look_at IS NULL OR p.look_at <= clock_timestamp())
   AND (EXISTS (SELECT FROM line o WHERE o.account = p.address AND o.state = 'waiting')
        OR EXISTS (SELECT FROM campaigns c JOIN line o ON o.campaign = c.key AND ` + unboundSQL + ` WHERE ` + takesSQL + `))
 ORDER BY EXISTS (SELECT FROM line o WHERE o.account = p.address AND o.state IN ('granted', 'claimed')), p.look_at NULLS FIRST
 LIMIT $1
   FOR NO KEY UPDATE OF p SKIP LOCKED`

// A statement of its own reads the rules: one that began before the locks could see those of
// before an edit that has waited for them to wake the line.
const headsSQL = `
SELECT p.address, ` + spentColumns + `, clock_timestamp() AS now, a.status = 'connected' AS connected, a.pace, a.resting_until, cal.rules AS calendar,
       (SELECT count(*) FROM line o WHERE o.account = p.address AND o.state IN ('granted', 'claimed')) AS out,
       l.enrollment_id, l.account IS NULL AS unbound, l.campaign, l.zone, c.send_window, c.paused,
       CASE WHEN l.account IS NULL THEN (SELECT jsonb_agg(x.pace) FROM email_accounts x WHERE x.address = ANY (c.senders) AND x.status = 'connected') END AS candidates, greatest(l.since, p.look_at) AS since
  FROM account_pace p
 CROSS JOIN LATERAL ` + firstSQL + `
  JOIN campaigns c ON c.key = l.campaign
  LEFT JOIN email_accounts a ON a.address = p.address
 CROSS JOIN calendar cal
 WHERE p.address = ANY ($1)`

// longestLook is for how long an account is not looked at: a clock that is put back holds no
// line up for longer.
const longestLook = time.Minute

// busyLook is when the giver looks again while a turn is out: the account may limit nothing
// but its day.
const busyLook = 100 * time.Millisecond

// GiveTurns gives the next turn of each account whose moment has come, for up to so many
// accounts, and says in how long to look again: at once when something has changed. Late is
// how late each turn of an account with a pace is.
func (s *Store) GiveTurns(ctx context.Context, accounts int) (again time.Duration, late []time.Duration, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		again, late = time.Second, nil
		heads, err := dueHeads(ctx, tx, accounts)
		if err != nil {
			return err
		}
		batch, taken := &pgx.Batch{}, map[int64]bool{}
		for _, head := range heads {
			if taken[head.EnrollmentID] { // another sender of its campaign takes it: who is first now is seen next
				continue
			}
			before := batch.Len()
			if by, given := give(batch, head); given {
				late = append(late, by)
			}
			taken[head.EnrollmentID] = head.Unbound && batch.Len() > before
			if head.Out > 0 {
				again = busyLook
			}
		}
		if batch.Len() > 0 {
			again = 0
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil || again == 0 {
		return again, late, err
	}
	var next *float64
	err = s.pool.QueryRow(ctx, `
		SELECT extract(epoch FROM min(look_at) - clock_timestamp())::float8
		  FROM (SELECT look_at FROM account_pace WHERE look_at > clock_timestamp() ORDER BY look_at LIMIT 1) AS soon`).Scan(&next)
	if err == nil && next != nil {
		again = min(again, max(time.Millisecond, time.Duration(*next*float64(time.Second))))
	}
	return again, late, mapError(err)
}

func dueHeads(ctx context.Context, tx pgx.Tx, accounts int) ([]headRow, error) {
	rows, err := tx.Query(ctx, dueSQL, accounts)
	if err != nil {
		return nil, err
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(due) == 0 {
		return nil, err
	}
	if rows, err = tx.Query(ctx, headsSQL, due); err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[headRow])
}

// grantSQL gives a turn to those who still wait: they can have been parked since the look.
const grantSQL = `UPDATE line SET state = 'granted', turn = turn + 1, granted_at = clock_timestamp(), signalled_at = NULL WHERE state = 'waiting'`

// give decides about one account. Nothing is queued for one that has to be waited for
// without a time: one who has its turn comes back, or lets it lapse. Given is true when the
// pace of the account has let its first go, and late by how much that was due before.
func give(batch *pgx.Batch, head headRow) (late time.Duration, given bool) {
	grant := func(count int) {
		if count <= 0 {
			return
		}
		if head.Unbound {
			grantUnbound(batch, head, count)
			return
		}
		if count == 1 {
			batch.Queue(grantSQL+` AND account = $1 AND enrollment_id = $2`, head.Address, head.EnrollmentID)
			return
		}
		batch.Queue(grantSQL+` AND enrollment_id IN (SELECT enrollment_id FROM line WHERE account = $1 AND state = 'waiting' ORDER BY band, seq LIMIT $2)`,
			head.Address, count)
	}
	// They find the reason themselves, and are in error with it, paused or refused.
	if head.Connected == nil || !*head.Connected {
		grant(atOnce - head.Out)
		return 0, false
	}
	account, window, err := head.rules()
	if err != nil {
		grant(1 - head.Out)
		return 0, false
	}
	free := head.Pace.Free()
	switch {
	case head.Paused:
		holdBack(batch, head)
		return 0, false
	case !free && head.Out > 0, free && head.Out > atOnce/2:
		return 0, false
	}
	// One whose window never meets the hours any more, of any sender that may take it, would wait for ever and in silence: it
	// learns why, and the line goes on.
	if head.never(window) {
		grant(1 - head.Out)
		return 0, false
	}
	look := func(at time.Time) {
		if latest := head.Now.Add(longestLook); at.After(latest) {
			at = latest
		}
		batch.Queue(`UPDATE account_pace SET look_at = $2 WHERE address = $1`, head.Address, at)
	}
	if head.RestingUntil != nil && head.RestingUntil.After(head.Now) {
		look(*head.RestingUntil)
		return 0, false
	}
	if opens, err := pace.Next(head.Now, window); err == nil && opens.After(head.Now) {
		if head.Unbound {
			batch.Queue(`UPDATE line SET state = 'asleep', not_before = $3`+unboundOf(`o.campaign = $1 AND o.zone = $2`, `NULL`), head.Campaign, head.Zone, opens)
			return 0, false
		}
		batch.Queue(`UPDATE line SET state = 'asleep', not_before = $4 WHERE account = $1 AND campaign = $2 AND zone = $3 AND state = 'waiting'`,
			head.Address, head.Campaign, head.Zone, opens)
		return 0, false
	}
	spent, err := head.spent()
	if err != nil {
		grant(1 - head.Out)
		return 0, false
	}
	if believed := account.Believed(head.Now, spent); !believed.Next.Equal(spent.Next) { // else each look would wait for a gap anew
		batch.Queue(`UPDATE account_pace SET next_at = $2 WHERE address = $1`, head.Address, believed.Next)
	}
	switch at, _, err := account.When(head.Now, pace.Hours{Zone: time.UTC}, spent); {
	case err != nil: // it can never be: the claim says why
		grant(1)
	case at.After(head.Now):
		look(at)
	case free && head.Unbound:
		grant(atOnce - head.Out)
	case free:
		batch.Queue(grantSQL+` AND enrollment_id IN (SELECT enrollment_id FROM line
			                          WHERE account = $1 AND campaign = $2 AND zone = $3 AND state = 'waiting' ORDER BY band, seq LIMIT $4)`,
			head.Address, head.Campaign, head.Zone, atOnce-head.Out)
	default:
		grant(1)
		return head.late(account, window, spent), true
	}
	return 0, false
}

// late is how long ago the first in line was due, by the rules of now: at once after an
// edit that has let it go, that can be long before the edit.
func (head headRow) late(account pace.Account, window pace.Hours, spent pace.Spent) time.Duration {
	from := head.Since
	for _, at := range []*time.Time{&spent.Next, head.RestingUntil} {
		if at != nil && at.After(from) {
			from = *at
		}
	}
	due, _, err := account.When(from, window, spent)
	if err != nil {
		return 0
	}
	return max(0, head.Now.Sub(due))
}

func (head headRow) rules() (account pace.Account, window pace.Hours, err error) {
	if account, err = head.Pace.Account(head.Calendar); err == nil {
		window, err = head.SendWindow.Hours(head.Calendar, head.Zone)
	}
	return account, window, err
}

// never is true when nobody could ever send the first in line anything: see pace.Meet.
func (head headRow) never(window pace.Hours) bool {
	of := head.Candidates
	if !head.Unbound {
		of = []pace.AccountRules{*head.Pace}
	}
	for _, rules := range of {
		if account, err := rules.Account(head.Calendar); err != nil || pace.Meet(head.Now, window, account.Hours) == nil {
			return false
		}
	}
	return len(of) > 0
}

// holdBack lets those who wait for a paused campaign rest beside the line, without a time.
func holdBack(batch *pgx.Batch, head headRow) {
	if head.Unbound {
		batch.Queue(`UPDATE line SET state = 'asleep', not_before = NULL`+unboundOf(`o.campaign = $1`, `NULL`), head.Campaign)
		return
	}
	batch.Queue(`UPDATE line SET state = 'asleep', not_before = NULL WHERE account = $1 AND campaign = $2 AND state = 'waiting'`,
		head.Address, head.Campaign)
}
