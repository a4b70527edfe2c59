package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// stand puts the enrollment into the line of its account: it is Waiting, without a time
// of its own, until the giver gives it the turn (law 7). A place that it has at this step
// is kept, whatever held it meanwhile.
func stand(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, place campaign.Place) error {
	if err := closePark(ctx, tx, attempt); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Waiting', step_id = $2, step_index = $3, next_at = NULL WHERE id = $1`,
		attempt.EnrollmentID, attempt.StepID, attempt.StepIndex); err != nil {
		return err
	}
	// Without a row the giver looks at no line of the account.
	if _, err := tx.Exec(ctx, `
		INSERT INTO account_pace (address)
		SELECT $1::text WHERE NOT $2 UNION SELECT unnest(senders) FROM campaigns WHERE $2 AND key = $3 ORDER BY 1
		    ON CONFLICT DO NOTHING`, place.Account, place.Unbound, attempt.CampaignKey); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO line AS l (enrollment_id, step_id, campaign, account, unbound, zone, band, state, not_before, awaits_look, looks_at)
		VALUES ($1, $2, $3, $4, $9, $5, $6, CASE WHEN $7::timestamptz IS NULL THEN 'waiting' ELSE 'asleep' END, $7, $8, nullif($10, ''))
		    ON CONFLICT (enrollment_id) DO UPDATE
		   SET account = excluded.account, unbound = excluded.unbound, zone = excluded.zone, band = excluded.band,
		       state = excluded.state, not_before = excluded.not_before, awaits_look = excluded.awaits_look, looks_at = excluded.looks_at, granted_at = NULL, signalled_at = NULL,
		       step_id = excluded.step_id,
		       seq = CASE l.step_id WHEN excluded.step_id THEN l.seq ELSE excluded.seq END,
		       since = CASE l.step_id WHEN excluded.step_id THEN l.since ELSE excluded.since END,
		       lapses = 0`,
		attempt.EnrollmentID, attempt.StepID, attempt.CampaignKey, accountOrNull(place), place.Zone, place.Band, timeOrNull(place.NotBefore), timeOrNull(place.AwaitsLook), place.Unbound, place.LooksAt)
	return err
}

// accountOrNull is whose line a place is in: none's while any of several senders takes it.
func accountOrNull(place campaign.Place) *string {
	if place.Unbound {
		return nil
	}
	return &place.Account
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// standingSQL is true of enrollment e when it waits for a turn that it has not been given, or of
// which it has not been signalled: its workflow waits for the signal and for nothing else. Whatever
// an attempt finds that did not begin with that turn, a stale one, would not reach it; and a turn that it used
// up would never be signalled (laws 2 and 3).
const standingSQL = `(e.status = 'Waiting' AND e.next_at IS NULL
	AND EXISTS (SELECT FROM line l WHERE l.enrollment_id = e.id
	             AND (l.state IN ('waiting', 'asleep', 'stuck') OR l.state = 'granted' AND l.signalled_at IS NULL AND l.turn <> @turn)))`

func standing(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (standing bool, err error) {
	err = tx.QueryRow(ctx, `SELECT `+standingSQL+` FROM enrollments e WHERE e.id = @enrollment`,
		pgx.NamedArgs{"enrollment": attempt.EnrollmentID, "turn": attempt.Turn}).Scan(&standing)
	return standing, err
}

// keepPlace takes an enrollment that is parked, paused or tried again out of its line, and
// keeps its place for when it comes back. A turn that it has is free for the next.
func keepPlace(ctx context.Context, tx pgx.Tx, enrollmentID int64) error {
	_, err := tx.Exec(ctx, `UPDATE line SET state = 'held', not_before = NULL, awaits_look = NULL, granted_at = NULL WHERE enrollment_id = $1 AND state <> 'held'`, enrollmentID)
	return err
}

// leaveLine takes enrollments out of their lines for good.
func leaveLine(ctx context.Context, tx pgx.Tx, enrollmentIDs ...int64) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM line WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE enrollment_id = ANY ($1) ORDER BY enrollment_id FOR UPDATE)`, enrollmentIDs)
	return err
}

// lookAgain has the giver look at an account at once: what held its next turn has changed. It
// waits for nobody: some callers hold a place of the line, which comes after this row, or
// other accounts' rows. An account that is just decided about is looked at within longestLook.
func lookAgain(ctx context.Context, tx pgx.Tx, address string) error {
	_, err := tx.Exec(ctx, `
		UPDATE account_pace SET look_at = NULL
		 WHERE address IN (SELECT address FROM account_pace WHERE address = $1 AND look_at IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED)`, address)
	return err
}

// lookedAt lets those go on who wait for a look at a mailbox: for one that began before began, or
// for any where there is none to come. Who was moved stands in the line of another account. It
// waits for nobody, as lookAgain.
func lookedAt(ctx context.Context, tx pgx.Tx, address string, began *time.Time) error {
	_, err := tx.Exec(ctx, `
		WITH woken AS (UPDATE line SET state = 'waiting', not_before = NULL, awaits_look = NULL, looks_at = NULL`+
		these(`coalesce(looks_at, account) = $1 AND state = 'asleep' AND awaits_look IS NOT NULL AND ($2::timestamptz IS NULL OR awaits_look < $2)`)+`
			RETURNING account)
		UPDATE account_pace SET look_at = NULL
		 WHERE address IN (SELECT address FROM account_pace WHERE address IN (SELECT account FROM woken UNION SELECT $1) AND look_at IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED)`,
		address, began)
	return err
}

// changeLine has those who wait for a campaign's turn wait for its sender's as it is now: each
// keeps its place by when it came. Without a sender the giver lets them find that out. Of
// several senders each has its own or any. A claim keeps the turn of the account that gave it (law 8): see moveLine.
func changeLine(ctx context.Context, tx pgx.Tx, of campaign.Campaign) error {
	if len(of.Senders) > 0 {
		_, err := tx.Exec(ctx, `
			UPDATE line l SET account = CASE l.state WHEN 'claimed' THEN l.account ELSE e.own END, unbound = e.own IS NULL,
			       state = CASE l.state WHEN 'claimed' THEN l.state ELSE 'waiting' END, not_before = NULL, awaits_look = NULL, granted_at = CASE l.state WHEN 'claimed' THEN l.granted_at END
			  FROM (SELECT e.id, `+ownSenderSQL+` AS own FROM enrollments e JOIN campaigns c ON c.key = e.campaign WHERE c.key = $1) AS e
			 WHERE l.campaign = $1 AND l.enrollment_id = e.id AND l.state <> 'held' AND (e.own IS NULL OR l.account IS DISTINCT FROM e.own)`, of.Key)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE account_pace SET look_at = NULL WHERE address = ANY ($1)`, of.Senders)
		}
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1) ON CONFLICT (address) DO UPDATE SET look_at = NULL`, of.Sender); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE line SET account = CASE state WHEN 'claimed' THEN account ELSE $2 END, unbound = false, state = CASE state WHEN 'claimed' THEN state ELSE 'waiting' END, not_before = NULL, awaits_look = NULL, granted_at = CASE state WHEN 'claimed' THEN granted_at END
		 WHERE campaign = $1 AND account IS DISTINCT FROM $2 AND state <> 'held'`, of.Key, of.Sender)
	return err
}
