package activities

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"relance/internal/campaign"
)

// Traffic is whose live steps this worker has done in the last moments. The starts
// of a large campaign, or the telling of a large fix, are many calls at once: they
// keep the server so busy that everybody's step takes a second. So they make room
// while others are about. The zero value has seen nobody.
type Traffic struct {
	mu sync.Mutex
	// latest is the last step; other is the last one of another campaign than latest's.
	latest, other passage
}

type passage struct {
	campaign string
	at       time.Time
}

// about is how long a step is remembered: one in a while keeps nobody back.
const about = 2 * time.Second

// step notes a step that is about to be done, unless a fix has woken it: that is
// backlog, and live steps come first.
func (t *Traffic) step(attempt campaign.Attempt) {
	if attempt.Resume == nil {
		t.saw(attempt.CampaignKey)
	}
}

// saw notes that a live step of a campaign is about.
func (t *Traffic) saw(campaignKey string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.latest.campaign != campaignKey {
		t.other = t.latest
	}
	t.latest = passage{campaignKey, time.Now()}
}

// beside says whether steps of others than this campaign are about.
func (t *Traffic) beside(campaignKey string) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.latest
	if last.campaign == campaignKey {
		last = t.other
	}
	return time.Since(last.at) < about
}

// lane is the calls that are made for a row of the outbox: so many at once, and an
// eighth of them while others are about.
type lane struct {
	calls  *semaphore.Weighted
	atOnce int64
	beside func() bool
}

func newLane(atOnce int, traffic *Traffic, campaignKey string) lane {
	return lane{
		calls: semaphore.NewWeighted(int64(atOnce)), atOnce: int64(atOnce),
		beside: func() bool { return traffic.beside(campaignKey) },
	}
}

// enter waits for a call's turn. Its error is the context's: the call is not to be made.
func (l lane) enter(ctx context.Context) (leave func(), err error) {
	const eighth = 8 // as much as eight calls take
	takes := int64(1)
	if l.beside() {
		takes = min(eighth, l.atOnce)
	}
	if err := l.calls.Acquire(ctx, takes); err != nil {
		return nil, err
	}
	return func() { l.calls.Release(takes) }, nil
}
