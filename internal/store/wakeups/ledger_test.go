package wakeups

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// ledger is the store for those who cannot make up their minds: between the
// facts and the park they wait for somebody to change something. With the rows
// of the facts held, as law 3 asks, nobody can. A stale attempt takes its time
// before every step besides.
type ledger struct {
	*store.Store
	w       *world
	between func()
}

func (l ledger) Facts(ctx context.Context, attempt campaign.Attempt) (campaign.Facts, error) {
	l.between()
	return l.Store.Facts(ctx, attempt)
}

func (l ledger) Claim(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	l.between()
	return l.Store.Claim(ctx, attempt, draft)
}

func (l ledger) Gate(ctx context.Context, delivery campaign.Delivery) error {
	l.between()
	return l.Store.Gate(ctx, delivery)
}

func (l ledger) MarkUncertain(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, problem failure.Problem) (campaign.Held, error) {
	l.between()
	return l.Store.MarkUncertain(ctx, attempt, delivery, problem)
}

func (l ledger) AcceptNotSent(ctx context.Context, attempt campaign.Attempt) error {
	l.between()
	return l.Store.AcceptNotSent(ctx, attempt)
}

func (l ledger) AcceptSent(ctx context.Context, attempt campaign.Attempt, assume bool) (campaign.Delivery, bool, error) {
	l.between()
	return l.Store.AcceptSent(ctx, attempt, assume)
}

func (l ledger) Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	l.between()
	return l.Store.Hold(ctx, attempt, l.dawdle(check))
}

func (l ledger) Fail(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal, check campaign.Check) (campaign.Held, error) {
	return l.Store.Fail(ctx, attempt, delivery, refusal, l.dawdle(check))
}

func (l ledger) dawdle(check campaign.Check) campaign.Check {
	return func(facts campaign.Facts) campaign.Finding {
		finding := check(facts)
		if l.w.dice.oneIn(3) {
			l.w.awaitChange(3 * time.Millisecond)
		}
		return finding
	}
}
