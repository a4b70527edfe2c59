package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"relance/internal/campaign"
)

// retryState is what people are shown of a step that has failed and is tried
// again: which attempt it was, why, and when the next is due, as the retry
// policy of this activity and the server's own wish have it. Nil after the last
// attempt.
func retryState(ctx context.Context, why string, wanted time.Duration) *campaign.RetryState {
	info := activity.GetInfo(ctx)
	policy := info.RetryPolicy
	if policy == nil || policy.MaximumAttempts > 0 && info.Attempt >= policy.MaximumAttempts {
		return nil
	}
	delay := nextTry(ctx, wanted)
	if delay <= 0 {
		delay = campaign.Retry{
			Initial: policy.InitialInterval, Factor: policy.BackoffCoefficient, Max: policy.MaximumInterval,
		}.Delay(int(info.Attempt))
	}
	now := time.Now().UTC()
	return &campaign.RetryState{
		Attempt: int(info.Attempt), Of: int(policy.MaximumAttempts), Why: why, FailedAt: now, NextAt: now.Add(delay),
	}
}
