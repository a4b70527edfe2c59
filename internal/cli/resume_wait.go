package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// outcome is what became of one contact that was resumed.
type outcome struct {
	ContactID   int64  `json:"contactId"`
	ContactName string `json:"contactName"`
	Campaign    string `json:"campaign"`
	// Outcome is went_on, in_error (again), trying (its step is under way) or
	// not_taken_up (no worker has looked at it).
	Outcome string          `json:"outcome"`
	Status  campaign.Status `json:"status"`
	Code    failure.Code    `json:"code"`
	ParkID  int             `json:"parkId"`
}

// mostOutcomes is how many of those who did not go on are listed for people.
const mostOutcomes = 50

const (
	wentOn      = "went_on"
	errorAgain  = "in_error"
	stillTrying = "trying"
	notTakenUp  = "not_taken_up"
)

// followPage is how many are looked at in one statement.
const followPage = 1000

// follow looks until each park that was resumed has ended in something, or
// nothing has moved for as long as patience lasts. Of a hundred thousand it
// looks at a page at a time, in the order in which they are told.
func (s *session) follow(ctx context.Context, db *store.Store, found store.Requested) ([]outcome, error) {
	before, pending := map[int64]store.Match{}, []int64{}
	for _, target := range found.Targets {
		before[target.EnrollmentID] = target
		pending = append(pending, target.EnrollmentID)
	}
	shown := s.progress("resuming", len(pending))
	defer shown.end()
	outcomes, moved, patience := []outcome{}, time.Now(), s.patienceAt(found.Rate)
	err := s.watch(ctx, func() (bool, error) {
		late := time.Since(moved) >= patience
		for len(pending) > 0 {
			page := pending[:min(followPage, len(pending))]
			now, err := db.Follow(ctx, page)
			if err != nil {
				return true, err
			}
			settled, open := 0, []int64{}
			for _, one := range now {
				o := judge(before[one.EnrollmentID], one)
				if !late && (o.Outcome == stillTrying || o.Outcome == notTakenUp) {
					open = append(open, one.EnrollmentID)
					continue
				}
				outcomes = append(outcomes, o)
				settled++
			}
			pending = append(pending[len(page):], open...) // who is not settled waits for the next round
			if settled > 0 {
				moved = time.Now()
			}
			if settled < len(page)/2 || settled == 0 {
				break
			}
		}
		shown.set(len(outcomes))
		return len(pending) == 0, nil
	})
	slices.SortFunc(outcomes, func(a, b outcome) int {
		return cmp.Or(cmp.Compare(a.ContactID, b.ContactID), strings.Compare(a.Campaign, b.Campaign))
	})
	return outcomes, err
}

// judge compares an enrollment with how it stood when it was resumed.
func judge(before, now store.Match) outcome {
	o := outcome{
		ContactID: now.ContactID, ContactName: strings.TrimSpace(now.FirstName + " " + now.LastName), Campaign: now.Campaign,
		Outcome: wentOn, Status: now.Status, Code: now.Code,
	}
	switch {
	case now.Status == campaign.InError && now.ParkID > before.ParkID:
		o.Outcome, o.ParkID = errorAgain, now.ParkID
	case now.Status == campaign.InError:
		o.Outcome, o.ParkID = notTakenUp, now.ParkID
	case now.Status == campaign.Active && now.StepIndex == before.StepIndex:
		o.Outcome = stillTrying
	}
	return o
}

// sayOutcomes prints how it went; the error is not nil when it did not go well
// for all, and adds no words.
func (s *session) sayOutcomes(out requested) error {
	counts := map[string]int{}
	t := newTable("Contact", "Name", "Campaign", "Outcome", "Code")
	for _, o := range out.Outcomes {
		counts[o.Outcome]++
		if o.Outcome != wentOn && len(t.rows) < mostOutcomes {
			t.add(o.ContactID, o.ContactName, o.Campaign, map[string]string{
				errorAgain: "in error again", stillTrying: "still being tried", notTakenUp: "not taken up: does a worker run?",
			}[o.Outcome], o.Code)
		}
	}
	s.sayf("%d went on, %d in error again, %d still being tried, %d not taken up.",
		counts[wentOn], counts[errorAgain], counts[stillTrying], counts[notTakenUp])
	if len(t.rows) > 0 {
		s.sayf("%s", t.render(s.Width))
	}
	if more := len(out.Outcomes) - counts[wentOn] - len(t.rows); more > 0 {
		s.sayf("… and %d more.", more)
	}
	if err := s.showRequested(out); err != nil {
		return err
	}
	if counts[errorAgain] > 0 {
		s.sayf("starter errors says why.")
	}
	if counts[errorAgain]+counts[notTakenUp] > 0 {
		return failed("not all contacts went on")
	}
	return nil
}
