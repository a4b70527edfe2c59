package activities

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// callLimiter bounds the concurrent calls for one outbox entry: fewer while other
// campaigns have live steps.
type callLimiter struct {
	calls *semaphore.Weighted
	// yielding is what a call weighs while others are active.
	yielding     int64
	othersActive func() bool
}

// newCallLimiter bounds the calls to concurrency, and to yielding (one at least) while
// others are active; docs/performance.md says what that gives them.
func newCallLimiter(concurrency, yielding int, steps *RecentSteps, campaignKey string) callLimiter {
	return callLimiter{
		calls: semaphore.NewWeighted(int64(concurrency)), yielding: int64(concurrency / max(1, yielding)),
		othersActive: func() bool { return steps.othersActive(func(key string) bool { return key == campaignKey }) },
	}
}

// acquire waits until a call may be made. Its error is the context's: the call is not to
// be made.
func (l callLimiter) acquire(ctx context.Context) (release func(), err error) {
	weight := int64(1)
	if l.othersActive() {
		weight = l.yielding
	}
	if err := l.calls.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	return func() { l.calls.Release(weight) }, nil
}
