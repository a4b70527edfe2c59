package console

import (
	"net/http"
	"strconv"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/operator"
)

// requestView is one request: how far it is, and what has become of the contacts.
type requestView struct {
	request
	// Became is where the contacts stand that an enroll has started, by status.
	Became []became
	// Why are the repairs that its contacts may be in error for again.
	Why []operator.Repair
}

// Left counts those who had gone on, or left, by another way before they were signalled. Of
// credits there may be fewer than contacts.
func (r requestView) Left() int {
	if r.DoneAt == nil || r.Kind != campaign.OutboxFix && r.Kind != campaign.OutboxResume || r.Cause == failure.Plan {
		return 0
	}
	return max(r.Total-r.Done, 0)
}

type became struct {
	Status campaign.Status
	Count  int
}

func pageRequest(c *Console, r *http.Request, f *frame) (view, error) {
	id, err := requestID(r)
	if err != nil {
		return view{}, err
	}
	details, err := c.Operator.Request(r.Context(), id)
	if err != nil {
		return view{}, err
	}
	shown := requestView{request: request{details.Request, f}}
	for _, status := range []campaign.Status{campaign.Active, campaign.Waiting, campaign.InError, campaign.Paused, campaign.Completed, campaign.Disenrolled} {
		if count := details.Became[status]; count > 0 {
			shown.Became = append(shown.Became, became{status, count})
		}
	}
	if shown.Again > 0 {
		repairs, err := c.Operator.RepairCounts(r.Context())
		if err != nil {
			return view{}, err
		}
		for _, repair := range repairs {
			if shown.concerns(repair) {
				shown.Why = append(shown.Why, repair)
			}
		}
	}
	return view{"request", shown.What(), shown}, nil
}

// requestID is the number in the path; what is none leads nowhere.
func requestID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, &operator.NotFound{Thing: "request", Key: r.PathValue("id")}
	}
	return id, nil
}
