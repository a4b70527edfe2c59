package activities

import (
	"maps"
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
	mu     sync.Mutex
	latest map[string]time.Time // each campaign's last live step
	// forgetAt is how many it remembers before it drops those that are not recent any more.
	forgetAt int
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
	if s.latest == nil {
		s.latest = map[string]time.Time{}
	}
	if len(s.latest) >= s.forgetAt {
		maps.DeleteFunc(s.latest, func(_ string, at time.Time) bool { return time.Since(at) >= recent })
		s.forgetAt = max(100, 2*len(s.latest))
	}
	s.latest[campaignKey] = time.Now()
}

// othersActive says whether campaigns other than these have recent steps.
func (s *RecentSteps) othersActive(these func(campaignKey string) bool) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, at := range s.latest {
		if time.Since(at) < recent && !these(key) {
			return true
		}
	}
	return false
}
