package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Repair writes what a reconciliation has to write about one enrollment, in one
// transaction. It takes the row first and hands decide what it reads under that
// lock: no activity of the enrollment can change it until the repair is
// committed, so decide may compare it with the workflow once more. A row that
// is lost is made before; nil says that it is there.
func (s *Store) Repair(ctx context.Context, key campaign.EnrollmentKey, lost *campaign.Lost, decide func(campaign.Record) (campaign.Repair, error)) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if lost != nil {
			if err := adopt(ctx, tx, *lost); err != nil {
				return err
			}
		}
		record, err := s.lockRecord(ctx, tx, key)
		if err != nil {
			return err
		}
		repair, err := decide(record)
		if err != nil {
			return err
		}
		return write(ctx, tx, record, repair)
	})
}

// adopt makes the row of an enrollment again, under its own number, where the
// workflow has begun; where it is now is written next.
func adopt(ctx context.Context, tx pgx.Tx, lost campaign.Lost) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO enrollments (id, campaign, contact_id, status, enrolled_at, enrolled_by, started_at)
		VALUES ($1, $2, $3, 'Active', $4, $5, $4)`,
		lost.EnrollmentID, lost.CampaignKey, lost.ContactID, lost.StartedAt, campaign.Reconciler)
	return err
}

// write settles the ledger before the row: an enrollment that has ended gives up
// what the ledger shows as begun. What is asked takes its number last, so that
// it is younger than the park that it is for.
func write(ctx context.Context, tx pgx.Tx, record campaign.Record, repair campaign.Repair) error {
	if repair.Position != nil && record.Status.Ended() { // it went on after the backup, which knows it as ended
		if _, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Active', ended_at = NULL, ended_by = NULL WHERE id = $1`, record.EnrollmentID); err != nil {
			return err
		}
	}
	if repair.Position != nil && repair.Position.VisitBase > record.VisitBase { // it was enrolled again after the backup
		if _, err := tx.Exec(ctx, `UPDATE enrollments SET visit_base = $2, ended_by = NULL, sender = NULL WHERE id = $1`, record.EnrollmentID, repair.Position.VisitBase); err != nil {
			return err
		}
	}
	for _, receipt := range repair.Sent {
		if err := enterSent(ctx, tx, record, receipt); err != nil {
			return err
		}
	}
	for _, receipt := range repair.Uncertain {
		if err := enterDoubt(ctx, tx, record, receipt); err != nil {
			return err
		}
	}
	if repair.Position != nil {
		if err := movePosition(ctx, tx, record, repair); err != nil {
			return err
		}
	}
	if repair.StepIndex != nil {
		if _, err := tx.Exec(ctx, `UPDATE enrollments SET step_index = $2 WHERE id = $1`, record.EnrollmentID, *repair.StepIndex); err != nil {
			return err
		}
	}
	if repair.Position != nil {
		if err := movePlace(ctx, tx, record.EnrollmentID, *repair.Position); err != nil {
			return err
		}
	}
	if repair.Outbox == nil {
		return nil
	}
	return ask(ctx, tx, record, *repair.Outbox)
}

// ask writes an outbox entry for one enrollment.
func ask(ctx context.Context, tx pgx.Tx, record campaign.Record, entry campaign.OutboxEntry) error {
	contacts, code := []int64{}, failure.Code("")
	if entry.Kind != campaign.OutboxEnroll {
		contacts = append(contacts, record.ContactID)
	}
	if entry.Assume != "" {
		code = failure.DeliveryUncertain
	}
	var id int64
	err := tx.QueryRow(ctx, `INSERT INTO outbox (kind, campaign, code, contacts, assume, note, by, total) VALUES ($1, $2, $3, $4, $5, $6, $7, 1) RETURNING id`,
		entry.Kind, record.CampaignKey, code, contacts, entry.Assume, entry.Note, entry.By).Scan(&id)
	if err != nil || entry.Kind != campaign.OutboxEnroll {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE enrollments SET request = $2 WHERE id = $1`, record.EnrollmentID, id)
	return err
}

// movePosition moves the row to the workflow's position.
func movePosition(ctx context.Context, tx pgx.Tx, record campaign.Record, repair campaign.Repair) error {
	to := *repair.Position
	attempt := campaign.Attempt{
		EnrollmentID: record.EnrollmentID, CampaignKey: record.CampaignKey, ContactID: record.ContactID,
		StepID: to.StepID, StepIndex: to.StepIndex, Visit: to.Visit,
		Resume: &campaign.Resume{By: campaign.Reconciler, Note: "so its workflow says"},
	}
	if to.Status == campaign.Disenrolled {
		return disenroll(ctx, tx, record.EnrollmentID, repair.Reason, campaign.Reconciler)
	}
	if err := closePark(ctx, tx, attempt); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE enrollments SET step_id = $2, step_index = $3, park_id = greatest(park_id, $4),
		       status = CASE WHEN $5 = 'InError' THEN status ELSE $5 END,
		       next_at = CASE WHEN $5 = 'Waiting' THEN $6::timestamptz END,
		       ended_at = CASE WHEN $5 = 'Completed' THEN $7::timestamptz END,
		       started_at = coalesce(started_at, clock_timestamp())
		 WHERE id = $1`,
		record.EnrollmentID, to.StepID, to.StepIndex, to.LastPark, to.Status, timeOrNull(to.NextAt), repair.At); err != nil {
		return err
	}
	switch {
	case to.Park != nil:
		return parkAs(ctx, tx, attempt, *to.Park)
	case to.Status == campaign.Paused:
		return holdPaused(ctx, tx, attempt)
	}
	return nil
}

// movePlace leaves an enrollment no place in a line but one at the step to which its row was moved: a
// place of before would be given turns that no workflow takes, while others wait (law 7). Who does not wait
// for a turn there keeps it beside the line. It comes after every other lock, as line does everywhere.
func movePlace(ctx context.Context, tx pgx.Tx, enrollmentID int64, to campaign.Position) error {
	if _, err := tx.Exec(ctx, `DELETE FROM line WHERE enrollment_id = $1 AND ($2 OR step_id <> $3)`, enrollmentID, to.Status.Ended(), to.StepID); err != nil {
		return err
	}
	if to.Status == campaign.Waiting && to.NextAt.IsZero() {
		return nil
	}
	return keepPlace(ctx, tx, enrollmentID)
}

// parkAs writes a park under the number that its workflow knows it by. Its
// place among the facts is now, and it holds their rows as every park does: a
// fix that comes later finds it (law 3).
func parkAs(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, parked failure.Parked) error {
	if err := lockFacts(ctx, tx, attempt, changes{}); err != nil {
		return err
	}
	var seq int64
	err := tx.QueryRow(ctx, `
		UPDATE enrollments SET status = 'InError', park_id = $2, park_seq = nextval('fact_seq'), parked_at = $3,
		       code = $4, detail = $5, cause = $6, attempts = $7, words = $8
		 WHERE id = $1 RETURNING park_seq`,
		attempt.EnrollmentID, parked.ParkID, parked.Since, parked.Problem.Code, parked.Problem.Detail,
		parked.Problem.Cause().Thing(), parked.Attempts, keepWords(parked.Problem.Detail, parked.Problem.Words)).Scan(&seq)
	if err != nil {
		return err
	}
	if err := listCauses(ctx, tx, attempt, parked, seq); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO notes (enrollment_id, at, step_id, kind, code, text, by) VALUES ($1, $2, $3, 'in_error', $4, $5, $6)`,
		attempt.EnrollmentID, parked.Since, attempt.StepID, parked.Problem.Code, parked.Problem.Message(), campaign.Reconciler)
	return err
}
