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
	if _, err := tx.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1) ON CONFLICT DO NOTHING`, place.Account); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO line AS l (enrollment_id, step_id, campaign, account, zone, band, state, not_before)
		VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7::timestamptz IS NULL THEN 'waiting' ELSE 'asleep' END, $7)
		    ON CONFLICT (enrollment_id) DO UPDATE
		   SET account = excluded.account, zone = excluded.zone, band = excluded.band,
		       state = excluded.state, not_before = excluded.not_before, granted_at = NULL, signalled_at = NULL,
		       step_id = excluded.step_id,
		       seq = CASE l.step_id WHEN excluded.step_id THEN l.seq ELSE excluded.seq END,
		       since = CASE l.step_id WHEN excluded.step_id THEN l.since ELSE excluded.since END,
		       lapses = 0`,
		attempt.EnrollmentID, attempt.StepID, attempt.CampaignKey, place.Account, place.Zone, place.Band, timeOrNull(place.NotBefore))
	return err
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// standingSQL is true of enrollment e when it waits for a turn that it has not been given: its
// workflow waits for the signal and for nothing else. Whatever else an attempt found, a stale
// one, would not reach it (laws 2 and 3).
const standingSQL = `(e.status = 'Waiting' AND e.next_at IS NULL
	AND EXISTS (SELECT FROM line l WHERE l.enrollment_id = e.id AND l.state IN ('waiting', 'asleep', 'stuck')))`

func standing(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (standing bool, err error) {
	err = tx.QueryRow(ctx, `SELECT `+standingSQL+` FROM enrollments e WHERE e.id = $1`, attempt.EnrollmentID).Scan(&standing)
	return standing, err
}

// keepPlace takes an enrollment that is parked, paused or tried again out of its line, and
// keeps its place for when it comes back. A turn that it has is free for the next.
func keepPlace(ctx context.Context, tx pgx.Tx, enrollmentID int64) error {
	_, err := tx.Exec(ctx, `UPDATE line SET state = 'held', not_before = NULL, granted_at = NULL WHERE enrollment_id = $1 AND state <> 'held'`, enrollmentID)
	return err
}

// leaveLine takes an enrollment out of its line for good.
func leaveLine(ctx context.Context, tx pgx.Tx, enrollmentID int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM line WHERE enrollment_id = $1`, enrollmentID)
	return err
}

// lookAgain has the giver look at an account at once: what held its next turn has changed. It
// waits for nobody: some callers hold a place of the line, which comes after this row, or
// other accounts' rows. An account that is just decided about is looked at within longestLook.
func lookAgain(ctx context.Context, tx pgx.Tx, address string) error {
	_, err := tx.Exec(ctx, `
		UPDATE account_pace SET look_at = NULL
		 WHERE address IN (SELECT address FROM account_pace WHERE address = $1 AND look_at IS NOT NULL FOR UPDATE SKIP LOCKED)`, address)
	return err
}

// changeLine has those who wait for a campaign's turn wait for another sender's: each keeps
// its place by when it came. Without a sender the giver lets them find that out.
func changeLine(ctx context.Context, tx pgx.Tx, campaignKey, address string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1) ON CONFLICT (address) DO UPDATE SET look_at = NULL`, address); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE line SET account = $2, state = CASE state WHEN 'claimed' THEN state ELSE 'waiting' END, not_before = NULL, granted_at = NULL
		 WHERE campaign = $1 AND account <> $2 AND state <> 'held'`, campaignKey, address)
	return err
}
