package activities

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// callLimiter bounds the concurrent calls for one outbox entry: a call weighs as much
// as eight while other campaigns have live steps.
type callLimiter struct {
	calls        *semaphore.Weighted
	concurrency  int64
	othersActive func() bool
}

func newCallLimiter(concurrency int, steps *RecentSteps, campaignKey string) callLimiter {
	return callLimiter{
		calls: semaphore.NewWeighted(int64(concurrency)), concurrency: int64(concurrency),
		othersActive: func() bool { return steps.othersActive(campaignKey) },
	}
}

// yieldingWeight is what a call weighs while others are active; docs/performance.md
// says what it gives them.
const yieldingWeight = 8

// acquire waits until a call may be made. Its error is the context's: the call is not to
// be made.
func (l callLimiter) acquire(ctx context.Context) (release func(), err error) {
	weight := int64(1)
	if l.othersActive() {
		weight = min(yieldingWeight, l.concurrency)
	}
	if err := l.calls.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	return func() { l.calls.Release(weight) }, nil
}
