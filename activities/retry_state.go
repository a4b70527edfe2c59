package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// retry is the retry of the step: the activity's policy, or the enrollment's own where a
// first try has none.
func (d delivering) retry(ctx context.Context) campaign.Retry {
	policy := activity.GetInfo(ctx).RetryPolicy
	if d.isFirst || policy == nil {
		return d.attempt.Retry
	}
	return campaign.Retry{
		Initial: policy.InitialInterval, Factor: policy.BackoffCoefficient,
		Max: policy.MaximumInterval, Attempts: int(policy.MaximumAttempts),
	}
}

// isLast is true of the last attempt that the retry allows.
func (d delivering) isLast(ctx context.Context) bool {
	retry := d.retry(ctx)
	return retry.Attempts > 0 && int(activity.GetInfo(ctx).Attempt) >= retry.Attempts
}

// failed is the error of an ordinary activity's attempt, as people read it.
func (d delivering) failed(ctx context.Context, err error) error {
	if err != nil && d.isLast(ctx) {
		return failure.Last(err)
	}
	return err
}

// retryState is what people are shown of a step that has failed and is tried
// again: which attempt it was, why, and when the next is due, as the retry
// policy and the server's own wish have it. Nil after the last attempt.
func (d delivering) retryState(ctx context.Context, why string, wanted time.Duration) *campaign.RetryState {
	retry, attempt := d.retry(ctx), int(activity.GetInfo(ctx).Attempt)
	if retry == (campaign.Retry{}) || d.isLast(ctx) {
		return nil
	}
	delay := d.nextTry(ctx, wanted)
	if delay <= 0 {
		delay = retry.Delay(attempt)
	}
	now := time.Now().UTC()
	return &campaign.RetryState{
		Attempt: attempt, Of: retry.Attempts, Why: why, FailedAt: now, NextAt: now.Add(delay),
	}
}
