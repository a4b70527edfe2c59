package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Record writes down a failure that no claim has recorded: retries exhausted,
// or an attempt that timed out. The ledger is asked first. A park that a lost
// answer has already written is returned as it is; a message that was sent is
// Sent; one that reached the wire is uncertain, whatever the error says (law 4).
func (s *Store) Record(ctx context.Context, attempt campaign.Attempt, problem failure.Problem) (campaign.Held, error) {
	var held campaign.Held
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		held = campaign.Held{}
		if err := lockEnrollment(ctx, tx, attempt); errors.Is(err, campaign.ErrSuperseded) {
			held.Sent = true
			return nil
		} else if err != nil {
			return err
		}
		if open, ok, err := openPark(ctx, tx, attempt); err != nil || ok {
			held.Parked = &open
			return err
		}
		delivery, err := readDelivery(ctx, tx, attempt, attempt.Visit)
		switch {
		case isMissing(err):
		case err != nil:
			return err
		case delivery.State == campaign.Sent:
			held.Sent = true
			return nil
		case delivery.State == campaign.OnWire || delivery.State == campaign.Uncertain:
			if _, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'uncertain', settled_at = clock_timestamp()
				 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3`, attempt.EnrollmentID, attempt.StepID, attempt.Visit); err != nil {
				return err
			}
			problem = failure.Problem{Code: failure.DeliveryUncertain, Detail: problem.Detail, Words: problem.Words}
		case delivery.State == campaign.Reserved:
			if err := giveUp(ctx, tx, delivery, campaign.Failed, problem.Detail); err != nil {
				return err
			}
		}
		parked, err := park(ctx, tx, attempt, problem)
		held.Parked = &parked
		return err
	})
	return held, err
}

// Disenroll ends an enrollment: its park is closed, a message that nobody can
// have sent is given up with its credit, and one that is on the wire is left
// uncertain in the ledger. It does nothing to an enrollment that has ended, and returns
// how it has: a last step that was done before it completes it (law 2: both sides say so).
// One that there is not is taken for disenrolled. So is one that has been enrolled again since: a round
// that is later than the one that begins with firstVisit is left alone; firstVisit 0 ends any.
func (s *Store) Disenroll(ctx context.Context, enrollmentID int64, firstVisit int, reason, by string) (campaign.Status, error) {
	var status campaign.Status
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var later bool
		err := tx.QueryRow(ctx, `SELECT status, $2 BETWEEN 1 AND visit_base FROM enrollments WHERE id = $1 FOR UPDATE`, enrollmentID, firstVisit).Scan(&status, &later)
		if err == nil && later {
			status = campaign.Disenrolled
			return nil
		}
		if err == nil {
			err = disenroll(ctx, tx, enrollmentID, reason, by)
		}
		if err == nil {
			err = tx.QueryRow(ctx, `SELECT status FROM enrollments WHERE id = $1`, enrollmentID).Scan(&status)
		}
		if isMissing(err) { // the database is older than the enrollment: see docs/runbook.md
			status, err = campaign.Disenrolled, nil
		}
		return err
	})
	return status, err
}

// disenroll ends an enrollment that runs, and takes it out of its line.
func disenroll(ctx context.Context, tx pgx.Tx, enrollmentID int64, reason, by string) error {
	if err := disenrollInLine(ctx, tx, enrollmentID, reason, by); err != nil {
		return err
	}
	return leaveLine(ctx, tx, enrollmentID)
}

// disenrollInLine is disenroll without the line, which comes after every other lock: who ends several
// takes their claims before the place of the first.
func disenrollInLine(ctx context.Context, tx pgx.Tx, enrollmentID int64, reason, by string) error {
	attempt := campaign.Attempt{EnrollmentID: enrollmentID}
	rows, err := tx.Query(ctx, `
		UPDATE enrollments SET status = 'Disenrolled', ended_at = clock_timestamp(), next_at = NULL,
		       `+noParkSQL+`
		 WHERE id = $1 AND `+runningSQL+`
		RETURNING step_id`, enrollmentID)
	if err != nil {
		return err
	}
	attempt.StepID, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM parked_on WHERE enrollment_id = $1`, enrollmentID); err != nil {
		return err
	}
	if err := releaseDeliveries(ctx, tx, enrollmentID); err != nil {
		return err
	}
	return note(ctx, tx, attempt, "disenrolled", "", reason, by)
}

// releaseDeliveries leaves what is on the wire uncertain, and takes the claims.
func releaseDeliveries(ctx context.Context, tx pgx.Tx, enrollmentID int64) error {
	if _, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'uncertain' WHERE enrollment_id = $1 AND state = 'wire'`, enrollmentID); err != nil {
		return err
	}
	return takeClaims(ctx, tx, enrollmentID, "disenrolled")
}

// takeClaims gives up a message that is claimed and has not passed the gate: nobody can
// have sent it, and its gate finds that it is no longer the attempt's. Why is for the ledger.
func takeClaims(ctx context.Context, tx pgx.Tx, enrollmentID int64, why string) error {
	rows, err := tx.Query(ctx, `
		WITH open AS (SELECT step_id, visit, credit FROM deliveries WHERE enrollment_id = $1 AND state = 'reserved' FOR UPDATE)
		UPDATE deliveries d SET state = 'failed', credit = false, reply = $2, settled_at = clock_timestamp()
		  FROM open WHERE d.enrollment_id = $1 AND (d.step_id, d.visit) = (open.step_id, open.visit)
		RETURNING open.credit`, enrollmentID, why)
	if err != nil {
		return err
	}
	credits, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	if err != nil {
		return err
	}
	for _, credit := range credits {
		if credit {
			if err := giveBackCredit(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}
