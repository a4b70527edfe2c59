package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// AcceptNotSent settles the visit before this one, which was in doubt, as not sent: an operator has resumed the attempt
// with that word. Its credit goes back, and the next claim counts anew what its account has spent, since the ledger counts it no
// more (law 8). Both come before the attempt looks: what it is short of may be what that visit has cost, and it may
// park for another reason before it claims.
func (s *Store) AcceptNotSent(ctx context.Context, attempt campaign.Attempt) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEnrollment(ctx, tx, attempt); err != nil || attempt.Visit <= 1 {
			return err
		}
		account, err := settleNotSent(ctx, tx, attempt)
		if err != nil || account == "" {
			return err
		}
		return countAnew(ctx, tx, account)
	})
	if errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, errRoundBefore) { // the look that follows says so
		return nil
	}
	return err
}

// settleNotSent settles the visit before this one as not sent, if it is in doubt, and names the account of an email.
func settleNotSent(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (account string, err error) {
	by := ""
	if attempt.Resume != nil {
		by = attempt.Resume.By
	}
	err = tx.QueryRow(ctx, `
		UPDATE deliveries SET state = 'failed', assumed_by = coalesce(nullif($4, ''), 'operator'), settled_at = clock_timestamp()
		 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND visit > `+visitBaseSQL("$1")+` AND state = 'uncertain' RETURNING account`,
		attempt.EnrollmentID, attempt.StepID, attempt.Visit-1, by).Scan(&account)
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return account, releaseCredit(ctx, tx, attempt, attempt.Visit-1)
}
