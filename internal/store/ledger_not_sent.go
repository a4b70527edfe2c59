package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// AcceptNotSent settles the visit before this one, which was in doubt, as not sent: an operator has resumed the attempt
// with that word. Its credit goes back, and what its account has spent is counted anew, since the ledger counts it no more
// (law 8). Both come before the attempt looks: what it is short of may be what that visit has cost, and it may
// park for another reason before it claims.
func (s *Store) AcceptNotSent(ctx context.Context, attempt campaign.Attempt) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		err := lockEnrollment(ctx, tx, attempt)
		if err == nil {
			_, _, err = settleEarlierVisit(ctx, tx, attempt)
		}
		return err
	})
	switch {
	case errors.Is(err, campaign.ErrSuperseded), errors.Is(err, errRoundBefore): // the look that follows says so
		return nil
	case err != nil || attempt.Visit <= 1:
		return err
	}
	return s.recountNotSent(ctx, attempt)
}

// recountNotSent counts anew what an account has spent of which the visit before this one was called not sent. It has a
// transaction of its own, since a claim that settles a visit may hold another account's row; until then the
// account has sent less than it may.
func (s *Store) recountNotSent(ctx context.Context, attempt campaign.Attempt) error {
	var account string
	err := s.pool.QueryRow(ctx, `
		SELECT d.account FROM deliveries d JOIN email_accounts a ON a.address = d.account
		 WHERE d.enrollment_id = $1 AND d.step_id = $2 AND d.visit = $3 AND d.state = 'failed' AND d.kind = 'email' AND a.pace <> '{}'`,
		attempt.EnrollmentID, attempt.StepID, attempt.Visit-1).Scan(&account)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error { return timesChange{accounts: []string{account}}.take(ctx, tx) })
}
