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

// number is which attempt at the step this is, and of how many; 0 of them is no limit. The
// activity's policy allows those that are left.
func (d delivering) number(ctx context.Context) (attempt, of int) {
	attempt, of = d.attempt.Tried+int(activity.GetInfo(ctx).Attempt), d.retry(ctx).Attempts
	if of > 0 && !d.isFirst {
		of += d.attempt.Tried
	}
	return attempt, of
}

// isLast is true of the last attempt that the retry allows.
func (d delivering) isLast(ctx context.Context) bool {
	attempt, of := d.number(ctx)
	return of > 0 && attempt >= of
}

// tried counts the attempts at the step that have failed when it waits for a turn: the
// retry goes on counting where it was.
func (d delivering) tried(ctx context.Context, result Result) int {
	if result.Outcome != Queued {
		return 0
	}
	attempt, _ := d.number(ctx)
	return attempt - 1
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
	retry := d.retry(ctx)
	attempt, of := d.number(ctx)
	if retry == (campaign.Retry{}) || d.isLast(ctx) {
		return nil
	}
	delay, failures := d.nextTry(ctx, wanted), attempt
	if !d.isFirst {
		failures -= d.attempt.Tried // the activity's policy begins with the rest that is due after these
	}
	if delay <= 0 {
		delay = retry.Delay(failures)
	}
	now := time.Now().UTC()
	return &campaign.RetryState{
		Attempt: attempt, Of: of, Why: why, FailedAt: now, NextAt: now.Add(delay),
	}
}
