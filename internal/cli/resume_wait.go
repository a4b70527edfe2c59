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

const (
	wentOn      = "went_on"
	errorAgain  = "in_error"
	stillTrying = "trying"
	notTakenUp  = "not_taken_up"
)

// follow looks until each park that was resumed has ended in something, or
// patience has.
func (s *session) follow(ctx context.Context, db *store.Store, targets []store.Concerned) ([]outcome, error) {
	open, ids := map[int64]store.Concerned{}, []int64{}
	for _, target := range targets {
		open[target.EnrollmentID] = target
		ids = append(ids, target.EnrollmentID)
	}
	shown := s.progress("resuming", len(targets))
	defer shown.end()
	outcomes, began := []outcome{}, time.Now()
	err := s.watch(ctx, func() (bool, error) {
		now, err := db.Follow(ctx, ids)
		if err != nil {
			return true, err
		}
		late, pending := time.Since(began) >= s.patience, []int64{}
		for _, one := range now {
			o := judge(open[one.EnrollmentID], one)
			if !late && (o.Outcome == stillTrying || o.Outcome == notTakenUp) {
				pending = append(pending, one.EnrollmentID)
				continue
			}
			outcomes = append(outcomes, o)
		}
		ids = pending
		shown.set(len(targets) - len(ids))
		return len(ids) == 0, nil
	})
	slices.SortFunc(outcomes, func(a, b outcome) int {
		return cmp.Or(cmp.Compare(a.ContactID, b.ContactID), strings.Compare(a.Campaign, b.Campaign))
	})
	return outcomes, err
}

// judge compares an enrollment with how it stood when it was resumed.
func judge(before, now store.Concerned) outcome {
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
		if o.Outcome != wentOn {
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
