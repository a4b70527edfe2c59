package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// noteRetry records that a step has failed and is tried again, so that people
// see which try it is, why, and when the next one is due.
func noteRetry(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal) error {
	retry := refusal.Retry
	if retry == nil || refusal.Final {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO retries (enrollment_id, step_id, step_index, visit, attempt, attempts, why, failed_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		    ON CONFLICT (enrollment_id) DO UPDATE
		   SET step_id = excluded.step_id, step_index = excluded.step_index, visit = excluded.visit, attempt = excluded.attempt,
		       attempts = excluded.attempts, why = excluded.why, failed_at = excluded.failed_at, next_at = excluded.next_at`,
		attempt.EnrollmentID, attempt.StepID, attempt.StepIndex, delivery.Visit, retry.Attempt, retry.Of, retry.Why, retry.FailedAt, retry.NextAt)
	return err
}
