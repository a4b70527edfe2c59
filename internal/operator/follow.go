package operator

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

// Concerned are the contacts that a request or a fix concerns, as each stood
// when it was committed.
type Concerned struct {
	before []store.Match
	rate   campaign.Rate
	// ends is true when they are to be disenrolled and not to go on.
	ends bool
}

// Len is how many enrollments these are.
func (c Concerned) Len() int { return len(c.before) }

// Outcome is what became of one contact of a request or a fix.
type Outcome struct {
	ContactID   int64  `json:"contactId"`
	ContactName string `json:"contactName"`
	Campaign    string `json:"campaign"`
	// Outcome is went_on, in_error (again), trying (its step is under way),
	// not_taken_up (no worker has looked at it) or workflow_ended (from outside).
	Outcome string          `json:"outcome"`
	Status  campaign.Status `json:"status"`
	Code    failure.Code    `json:"code"`
	ParkID  int             `json:"parkId"`
}

// The five values of Outcome.Outcome. WentOn is also the outcome of a contact
// that was disenrolled as it was asked for.
const (
	WentOn        = "went_on"
	InErrorAgain  = "in_error"
	StillTrying   = "trying"
	NotTakenUp    = "not_taken_up"
	WorkflowEnded = "workflow_ended"
)

// followPage is how many are looked at in one statement.
const followPage = 1000

// Follow looks until each contact that a request or a fix concerns has moved,
// or nothing has moved for as long as Patience lasts. Of a hundred thousand it
// looks at a page at a time, in the order in which they are signalled. The
// outcomes are in the order of contact and campaign, also with an error.
func (o *Operator) Follow(ctx context.Context, concerned Concerned, progress Progress) ([]Outcome, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	before, pending := map[int64]store.Match{}, []int64{}
	for _, one := range concerned.before {
		before[one.EnrollmentID] = one
		pending = append(pending, one.EnrollmentID)
	}
	outcomes, moved, patience, total := []Outcome{}, time.Now(), o.patienceAt(concerned.rate), len(pending)
	err = o.watch(ctx, func() (bool, error) {
		late := time.Since(moved) >= patience
		for len(pending) > 0 {
			page := pending[:min(followPage, len(pending))]
			now, err := db.Follow(ctx, page)
			if err != nil {
				return true, err
			}
			settled, open := 0, []int64{}
			for _, one := range now {
				outcome := concerned.judge(before[one.EnrollmentID], one)
				if !late && (outcome.Outcome == StillTrying || outcome.Outcome == NotTakenUp) {
					open = append(open, one.EnrollmentID)
					continue
				}
				outcomes = append(outcomes, outcome)
				settled++
			}
			pending = append(pending[len(page):], open...) // those that have not moved are looked at in the next round
			if settled > 0 {
				moved = time.Now()
			}
			if settled < len(page)/2 || settled == 0 {
				break
			}
		}
		progress.say(len(outcomes), total)
		return len(pending) == 0, nil
	})
	slices.SortFunc(outcomes, func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(a.ContactID, b.ContactID), strings.Compare(a.Campaign, b.Campaign))
	})
	return outcomes, err
}

// judge compares an enrollment with how it stood when the change was committed.
func (c Concerned) judge(before, now store.Match) Outcome {
	outcome := Outcome{
		ContactID: now.ContactID, ContactName: strings.TrimSpace(now.FirstName + " " + now.LastName), Campaign: now.Campaign,
		Outcome: WentOn, Status: now.Status, Code: now.Code,
	}
	ended := now.Status == campaign.Disenrolled || now.Status == campaign.Completed
	switch {
	case c.ends && !ended:
		outcome.Outcome = NotTakenUp
	case ended:
	case now.Status == campaign.InError && now.ParkID > before.ParkID:
		outcome.Outcome, outcome.ParkID = InErrorAgain, now.ParkID
	case now.Ended:
		outcome.Outcome, outcome.ParkID = WorkflowEnded, now.ParkID
	case now.Status == campaign.InError:
		outcome.Outcome, outcome.ParkID = NotTakenUp, now.ParkID
	case now.Status == campaign.Paused && before.Status == campaign.Paused && now.StepIndex == before.StepIndex:
		outcome.Outcome = NotTakenUp
	case now.Status == campaign.Active && now.StepIndex == before.StepIndex:
		outcome.Outcome = StillTrying
	}
	return outcome
}

// patienceAt is how long nothing may move at a rate before it is said.
func (o *Operator) patienceAt(rate campaign.Rate) time.Duration {
	if rate == 0 {
		return o.Patience
	}
	return o.Patience + time.Duration(2/float64(rate)*float64(time.Second))
}

// watch calls look at once and then at every tick, until it says that there is
// nothing more to see, fails, or the context ends.
func (o *Operator) watch(ctx context.Context, look func() (done bool, err error)) error {
	ticker := time.NewTicker(o.Tick)
	defer ticker.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
