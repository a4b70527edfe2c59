package wakeups

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/store"
)

// ledger is the store for those who cannot make up their minds: between the
// facts and the park they wait for somebody to change something. With the rows
// of the facts held, as law 3 asks, nobody can.
type ledger struct {
	*store.Store
	w *world
}

func (l ledger) Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
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
