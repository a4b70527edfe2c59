package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

const (
	// turnLapse is how long an enrollment may take to claim with its turn, claimLapse how
	// long a claim may take to its gate. Then the turn is another's.
	turnLapse  = 2 * time.Minute
	claimLapse = 10 * time.Minute
	// mostLapses is how many turns an enrollment may let lapse before it is put aside, and
	// stuckFor for how long: nobody is dropped (law 2).
	mostLapses = 3
	stuckFor   = time.Hour
	// atOnce is how many of a line have a turn at once where the account limits nothing:
	// where it is free and a window has opened, or where it cannot send and they have to
	// learn of it.
	atOnce = 200
)

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

// these are the places of the line that a look at all of it changes. It waits for none that
// another holds, and leaves those to the next look: who holds an account, and then its line,
// never waits for one who has another part of that line.
func these(condition string) string {
	return ` WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE ` + condition + ` LIMIT 5000 FOR UPDATE SKIP LOCKED)`
}

// clockPutBackSQL is true when turns were given at a time that is still to come. TendLine alone makes that good.
var clockPutBackSQL = `coalesce(seen_at > clock_timestamp() + interval '` + longestLook.String() + `', false)`

// TendLine does what no account's own moment does: it wakes those whose window has opened,
// takes turns back that were not used, and gives a place to those who wait for a turn and
// stand in no line, as after a restore from a backup.
func (s *Store) TendLine(ctx context.Context) (changed int64, err error) {
	for _, statement := range []string{
		`UPDATE line SET state = 'waiting', not_before = NULL` + these(`state = 'asleep' AND not_before <= clock_timestamp()`),
		// A clock that was put back lets nobody sleep until the day that it had shown, and makes no turn last for ever.
		`WITH back AS (UPDATE turns_given SET seen_at = clock_timestamp() WHERE ` + clockPutBackSQL + ` RETURNING 1)
		 UPDATE line SET state = 'waiting', not_before = NULL, awaits_look = NULL WHERE enrollment_id IN (
			SELECT enrollment_id FROM line WHERE state = 'asleep' AND EXISTS (SELECT FROM back) FOR UPDATE SKIP LOCKED)`,
		`UPDATE line SET state = CASE WHEN lapses + 1 < ` + strconv.Itoa(mostLapses) + ` THEN 'waiting' ELSE 'stuck' END, lapses = lapses + 1` + nobodys +
			these(`state IN ('granted', 'claimed')
			   AND (signalled_at IS NOT NULL OR state = 'claimed')
			   AND (granted_at < clock_timestamp() - CASE state WHEN 'granted' THEN interval '`+turnLapse.String()+`' ELSE interval '`+claimLapse.String()+`' END
			        OR granted_at > clock_timestamp() + interval '`+claimLapse.String()+`')`),
		`UPDATE line SET state = 'waiting', lapses = lapses - 1` + nobodys + these(`state = 'stuck' AND (granted_at < clock_timestamp() - interval '`+stuckFor.String()+`' OR granted_at > clock_timestamp() + interval '`+claimLapse.String()+`')`),
		`WITH lost AS (
			SELECT e.id, e.step_id, e.campaign, e.sender, e.visit_base FROM enrollments e
			 WHERE e.status = 'Waiting' AND e.next_at IS NULL AND NOT EXISTS (SELECT FROM line l WHERE l.enrollment_id = e.id AND l.state <> 'held')
			   AND NOT EXISTS (SELECT FROM outbox o WHERE o.id = e.edit AND o.done_at IS NULL) -- it is held until it has looked: see holdPlaces
			   FOR KEY SHARE OF e SKIP LOCKED)
		 INSERT INTO line (enrollment_id, step_id, campaign, account, unbound, band, state)
		 SELECT e.id, e.step_id, e.campaign, CASE WHEN c.senders = '{}' THEN coalesce(own.sender, '') ELSE own.sender END, c.senders <> '{}' AND own.sender IS NULL,
		        CASE WHEN EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = e.id AND d.visit > e.visit_base AND d.kind = 'email' AND d.state = 'sent') THEN 1 ELSE 2 END, 'waiting'
		   FROM lost e JOIN campaigns c ON c.key = e.campaign CROSS JOIN LATERAL (SELECT ` + ownSenderSQL + ` AS sender) AS own
		  ORDER BY e.id
		     ON CONFLICT (enrollment_id) DO UPDATE SET state = 'waiting', not_before = NULL, account = excluded.account, unbound = excluded.unbound WHERE line.state = 'held'`, // its senders may be others by now
		`UPDATE account_pace SET look_at = NULL
		  WHERE address IN (SELECT address FROM account_pace WHERE look_at > clock_timestamp() + interval '` + longestLook.String() + `' FOR NO KEY UPDATE SKIP LOCKED)`,
		`UPDATE line SET state = 'waiting'` + these(`state = 'asleep' AND not_before IS NULL AND campaign IN (SELECT key FROM campaigns WHERE NOT paused)`),
		`INSERT INTO account_pace (address) SELECT account FROM line WHERE state = 'waiting' AND account IS NOT NULL
		  UNION SELECT unnest(c.senders) FROM campaigns c WHERE c.senders <> '{}' AND EXISTS (SELECT FROM line o WHERE o.campaign = c.key AND ` + unboundSQL + `)
		  ORDER BY 1 ON CONFLICT DO NOTHING`,
	} {
		tag, err := s.pool.Exec(ctx, statement)
		if err != nil {
			return changed, mapError(err)
		}
		changed += tag.RowsAffected()
	}
	return changed, nil
}

// resignal is after how long an enrollment is signalled again of a turn that it has not used.
const resignal = time.Minute

// claimsIn is how soon a signalled turn is claimed, where workers are at work: one that is
// not by then holds no other back.
const claimsIn = 3 * time.Second

// TurnsToSignal lists enrollments that have a turn and have not been signalled of it, or
// not lately: the first of each account before the second of any. Who has been signalled
// before comes last.
func (s *Store) TurnsToSignal(ctx context.Context, limit int) ([]campaign.GivenTurn, error) {
	rows, err := s.pool.Query(ctx, `
		WITH given AS (
			SELECT l.enrollment_id, e.campaign AS campaign_key, e.contact_id, l.turn, coalesce(l.account, '') AS account, l.granted_at, l.signalled_at,
			       l.signalled_at IS NULL OR l.signalled_at < clock_timestamp() - $2::interval AS due,
			       count(*) FILTER (WHERE l.signalled_at > clock_timestamp() - $3::interval AND e.status = 'Waiting') OVER (PARTITION BY l.account) AS under_way
			  FROM line l JOIN enrollments e ON e.id = l.enrollment_id
			 WHERE l.state = 'granted')
		SELECT enrollment_id, campaign_key, contact_id, turn, account, under_way FROM given
		 WHERE due ORDER BY row_number() OVER (PARTITION BY account ORDER BY signalled_at IS NOT NULL, granted_at), granted_at LIMIT $1`, limit, resignal, claimsIn)
	if err != nil {
		return nil, mapError(err)
	}
	turns, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.GivenTurn])
	return turns, mapError(err)
}

// firstSignal has a turn count from its first signal: it may have waited for room before.
const firstSignal = `granted_at = CASE WHEN signalled_at IS NULL THEN clock_timestamp() ELSE granted_at END`

// TurnsSignalled notes which of the turns were signalled.
// Those without an open workflow are put aside: they keep nobody waiting.
func (s *Store) TurnsSignalled(ctx context.Context, turns []campaign.GivenTurn, gone []int64) error {
	batch := &pgx.Batch{}
	queueOfTurns(batch, turns, firstSignal+`, signalled_at = clock_timestamp()`)
	if len(gone) > 0 {
		batch.Queue(`UPDATE line SET state = 'stuck'`+nobodys+` WHERE enrollment_id = ANY ($1) AND state = 'granted'`, gone)
	}
	return mapError(s.pool.SendBatch(ctx, batch).Close())
}

// TurnsFailed has turns that could not be signalled come after the others of their accounts:
// one that never can would be the first again at each look, where there is room for one.
func (s *Store) TurnsFailed(ctx context.Context, turns []campaign.GivenTurn) error {
	batch := &pgx.Batch{}
	queueOfTurns(batch, turns, firstSignal)
	return mapError(s.pool.SendBatch(ctx, batch).Close())
}

// queueOfTurns changes the places of these turns, if they have them still. Another giver may
// note the same ones, in another order: neither waits for the other.
func queueOfTurns(batch *pgx.Batch, turns []campaign.GivenTurn, change string) {
	for chunk := range slices.Chunk(turns, 1000) {
		ids, numbers := make([]int64, len(chunk)), make([]int64, len(chunk))
		for i, turn := range chunk {
			ids[i], numbers[i] = turn.EnrollmentID, turn.Turn
		}
		batch.Queue(`
			UPDATE line SET `+change+`
			 WHERE enrollment_id IN (SELECT l.enrollment_id FROM line l JOIN unnest($1::bigint[], $2::bigint[]) AS given (id, turn) ON l.enrollment_id = given.id AND l.turn = given.turn
			                          WHERE l.state = 'granted' FOR UPDATE OF l SKIP LOCKED)`, ids, numbers)
	}
}

// TurnsAreGiven notes that a giver is at work.
func (s *Store) TurnsAreGiven(ctx context.Context, by string) error {
	_, err := s.pool.Exec(ctx, `UPDATE turns_given SET seen_at = CASE WHEN `+clockPutBackSQL+` THEN seen_at ELSE clock_timestamp() END, by = $1`, by)
	return mapError(err)
}
