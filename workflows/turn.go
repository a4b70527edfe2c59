package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
)

// Turn is the payload of the signal `turn`.
type Turn struct {
	// Turn is its number: it grows with each turn of the enrollment.
	Turn int64 `json:"turn"`
}

// awaitTurn waits in the line of the sender, without a timer, until the giver gives the
// enrollment a turn. One that came while the step was tried is kept; one that is signalled
// twice, or comes late, costs another look at the line and no more. The number is not
// compared: a line that was restored from a backup counts anew. stepDone means: try the
// step again.
func (e *enrollment) awaitTurn(ctx workflow.Context, queued activities.Result) (stepResult, error) {
	e.Status, e.Tried = campaign.Waiting, queued.Tried
	e.publish(ctx, campaign.Waiting)
	if err := workflow.Await(ctx, func() bool { return e.turn > 0 || e.disenroll != nil || e.edited }); err != nil {
		return stepCancelled, err
	}
	if e.disenroll != nil {
		return stepDisenrolled, nil
	}
	e.turn, e.used = 0, e.turn
	return stepDone, nil
}

func (e *enrollment) onTurn(turn Turn) { e.turn = max(e.turn, turn.Turn) }
