package activities

import (
	"sync"
	"time"

	"relance/internal/campaign"
)

// RecentSteps remembers which campaigns had a live step on this worker within the last
// moments. The starts of a large campaign, or the signals of a large fix, are many calls
// at once: they keep the server so busy that every other step takes a second. So they
// make room while other campaigns are active. The zero value remembers none, and so
// does nil.
type RecentSteps struct {
	mu sync.Mutex
	// latest is the last step; other is the last one of another campaign than latest's.
	latest, other liveStep
}

type liveStep struct {
	campaign string
	at       time.Time
}

// recent is how long a step is remembered: one in a while keeps nothing back.
const recent = 2 * time.Second

// add notes a step that is about to be done, unless a fix has resumed it: that is
// backlog, and live steps come first.
func (s *RecentSteps) add(attempt campaign.Attempt) {
	if attempt.Resume == nil {
		s.addCampaign(attempt.CampaignKey)
	}
}

// addCampaign notes that a campaign has a live step.
func (s *RecentSteps) addCampaign(campaignKey string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest.campaign != campaignKey {
		s.other = s.latest
	}
	s.latest = liveStep{campaignKey, time.Now()}
}

// othersActive says whether campaigns other than this one have recent steps.
func (s *RecentSteps) othersActive(campaignKey string) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.latest
	if last.campaign == campaignKey {
		last = s.other
	}
	return time.Since(last.at) < recent
}
