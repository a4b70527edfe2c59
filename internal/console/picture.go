package console

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relance/internal/failure"
	"relance/internal/operator"
)

// recently is how long a page shows what is done among what is going on.
const recently = 5 * time.Minute

// goingOnPage is how many requests a page shows, goingWatched how many are watched for all.
const (
	goingOnPage  = 12
	goingWatched = 60
)

// picture reads what pages show live: a repair's number (repair and people), the title
// of their list (errors), and how far requests are (request).
func (c *Console) picture(ctx context.Context, ids []int64) (picture, error) {
	c.fold(ctx)
	repairs, err := c.Operator.RepairCounts(ctx)
	if err != nil {
		return nil, err
	}
	going, err := c.Operator.Progress(ctx, c.Now().Add(-recently), ids, goingWatched+len(ids))
	if err != nil {
		return nil, err
	}
	now, contacts := picture{}, 0
	for _, repair := range repairs {
		contacts += repair.Count
		now[repairKey("repair", repair.Code, repair.Cause)] = number(repair.Count)
		now[repairKey("people", repair.Code, repair.Cause)] = people(repair.Count)
	}
	now["errors title"] = errorsTitle(contacts, len(repairs))
	for _, one := range going {
		for part, value := range requestParts(one) {
			now[requestKey(one.ID, part)] = value
		}
	}
	return now, nil
}

func repairKey(kind string, code failure.Code, cause failure.Cause) string {
	return fmt.Sprintf("%s %s %s", kind, code, cause)
}

func requestKey(id int64, part string) string { return fmt.Sprintf("request %d %s", id, part) }

func errorsTitle(contacts, repairs int) string {
	if repairs == 0 {
		return "Nobody is in error"
	}
	are, reasons := "are", "reasons"
	if contacts == 1 {
		are = "is"
	}
	if repairs == 1 {
		reasons = "reason"
	}
	return fmt.Sprintf("%s %s in error, for %s %s", people(contacts), are, number(repairs), reasons)
}

func people(n int) string {
	if n == 1 {
		return "1 contact"
	}
	return number(n) + " contacts"
}

// going are the requests of a page.
func (c *Console) going(ctx context.Context, f *frame) ([]request, error) {
	found, err := c.Operator.Progress(ctx, c.Now().Add(-recently), []int64{}, goingOnPage)
	shown := make([]request, len(found))
	for i, one := range found {
		shown[i] = request{one, f}
	}
	return shown, err
}

// stands is true when a request belongs into the row of a repair: that of a contact's own cause into the row in which the contact is.
func (r request) stands(repair operator.Repair) bool {
	if r.Cause.Group() != "contact" {
		return r.concerns(repair)
	}
	return slices.ContainsFunc(repair.First, func(one operator.InError) bool {
		return r.Cause.Thing() == failure.ContactEmail(one.ContactID).Thing()
	}) && r.concerns(repair)
}

// concerns is true when a request goes on with what a repair is about.
func (r request) concerns(repair operator.Repair) bool {
	if r.Cause != "" {
		return r.Cause.Group() == repair.Cause
	}
	return r.Code == repair.Code
}
