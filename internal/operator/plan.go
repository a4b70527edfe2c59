package operator

import (
	"context"

	"relance/internal/campaign"
)

// Plan is how sending is paid for, and how many credits are left.
type Plan = campaign.Billing

// Plan returns how sending is paid for.
func (o *Operator) Plan(ctx context.Context) (Plan, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Plan{}, err
	}
	return db.Plan(ctx)
}

// SetPlan moves to another plan. credits is how many are left on a credit plan;
// nil keeps those that are.
func (o *Operator) SetPlan(ctx context.Context, unlimited bool, credits *int64) (Changed, error) {
	if unlimited && credits != nil {
		return Changed{}, &Invalid{Field: "credits", Text: "an unlimited plan has no number of credits"}
	}
	if credits != nil {
		if err := checkCredits(*credits, 0); err != nil {
			return Changed{}, err
		}
	}
	db, err := o.database(ctx)
	if err != nil {
		return Changed{}, err
	}
	change, err := db.SetPlan(ctx, unlimited, credits, o.by)
	if err != nil {
		return Changed{}, err
	}
	return o.changed(ctx, db, change)
}

// Credited is what AddCredits has done, and the plan as it is now.
type Credited struct {
	Plan
	Changed
}

// AddCredits adds credits, at least one. On an unlimited plan they are kept for
// the day on which it ends.
func (o *Operator) AddCredits(ctx context.Context, count int64) (Credited, error) {
	if err := checkCredits(count, 1); err != nil {
		return Credited{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Credited{}, err
	}
	plan, change, err := db.AddCredits(ctx, count, o.by)
	if err != nil {
		return Credited{}, err
	}
	out := Credited{Plan: plan}
	out.Changed, err = o.changed(ctx, db, change)
	return out, err
}
