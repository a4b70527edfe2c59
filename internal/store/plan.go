package store

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Plan returns how sending is paid for.
func (s *Store) Plan(ctx context.Context) (campaign.Billing, error) {
	var plan campaign.Billing
	err := s.pool.QueryRow(ctx, `SELECT unlimited, credits FROM plan`).Scan(&plan.Unlimited, &plan.Credits)
	return plan, err
}

// SetPlan moves to another plan, and sets the number of credits that are left
// unless credits is nil: then those that are left stay, also those that a send
// debits meanwhile. The credits of an unlimited plan are kept for the day on
// which it ends.
func (s *Store) SetPlan(ctx context.Context, unlimited bool, credits *int64, by string) (Change, error) {
	_, change, err := s.changePlan(ctx, by, func(plan campaign.Billing) campaign.Billing {
		plan.Unlimited = unlimited
		if credits != nil && !unlimited {
			plan.Credits = *credits
		}
		return plan
	})
	return change, err
}

// AddCredits adds count credits, at least one, and returns the plan as it is
// now. On an unlimited plan they are kept, and nobody waits for them.
func (s *Store) AddCredits(ctx context.Context, count int64, by string) (campaign.Billing, Change, error) {
	if count < 1 {
		return campaign.Billing{}, Change{}, refusedf("%d credits cannot be added; expected 1 or more", count)
	}
	return s.changePlan(ctx, by, func(before campaign.Billing) campaign.Billing {
		before.Credits += count
		return before
	})
}

func (s *Store) changePlan(ctx context.Context, by string, become func(campaign.Billing) campaign.Billing) (campaign.Billing, Change, error) {
	var plan campaign.Billing
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: s.rate}
		before, err := lockPlan(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.fresh(ctx, tx, failure.Plan); err != nil {
			return err
		}
		plan = become(before)
		causes, err := updatePlan(ctx, tx, before, plan, &change)
		if err != nil {
			return err
		}
		if err := change.announce(ctx, tx, by, causes...); err != nil {
			return err
		}
		if !plan.Unlimited {
			change.Resuming = int(min(int64(change.Resuming), plan.Credits))
		}
		return change.log(ctx, tx, by, DidChange, ThePlan, "")
	})
	return plan, change, err
}

func lockPlan(ctx context.Context, tx pgx.Tx) (campaign.Billing, error) {
	var plan campaign.Billing
	err := tx.QueryRow(ctx, `SELECT unlimited, credits FROM plan FOR NO KEY UPDATE`).Scan(&plan.Unlimited, &plan.Credits)
	return plan, err
}

// updatePlan writes what differs and returns the causes that it may have fixed.
func updatePlan(ctx context.Context, tx pgx.Tx, before, after campaign.Billing, change *Change) ([]failure.Cause, error) {
	change.compare("plan", planName(before), planName(after))
	change.compare("credits", strconv.FormatInt(before.Credits, 10), strconv.FormatInt(after.Credits, 10))
	if len(change.Edits) == 0 {
		return nil, nil
	}
	_, err := tx.Exec(ctx, `UPDATE plan SET unlimited = $1, credits = $2`, after.Unlimited, after.Credits)
	return []failure.Cause{failure.Plan}, err
}

func planName(plan campaign.Billing) string {
	if plan.Unlimited {
		return "unlimited"
	}
	return "credits"
}
