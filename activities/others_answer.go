package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// lookAgain is between two looks at a dot that another attempt has sent.
const lookAgain = time.Second

// facts reads the facts. A dot of another attempt may be out whose worker lives: it was
// slow with a heartbeat, and was taken for dead. An ordinary activity then waits for that
// one's answer for a while, since what is declared uncertain is a person's work (law 4),
// and an answer that comes later settles it only after somebody has seen it in error.
func (d delivering) facts(ctx context.Context) (campaign.Facts, error) {
	for {
		facts, err := d.ledger.Facts(ctx, d.attempt)
		due := d.answerDue(facts)
		if err != nil || d.isFirst || due <= 0 {
			return facts, err
		}
		select {
		case <-time.After(min(due, lookAgain)):
		case <-ctx.Done():
			return facts, ctx.Err()
		case <-activity.GetWorkerStopChannel(ctx):
			return facts, failure.Retry("the answer to another attempt is awaited, and this worker stops", lookAgain, nil)
		}
	}
}

// answerDue is how long another attempt's answer is still waited for; 0 when none is.
func (d delivering) answerDue(facts campaign.Facts) time.Duration {
	if facts.Delivery == nil || facts.Delivery.State != campaign.OnWire || facts.Delivery.WireAt.IsZero() {
		return 0
	}
	return max(0, d.grace-facts.Now.Sub(facts.Delivery.WireAt))
}
