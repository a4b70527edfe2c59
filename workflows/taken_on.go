package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
)

// takenOn is true when the enrollment goes on instead of ending: `enroll --continue` has taken it
// on since its last step was settled, while this run was still open. The server refuses the end
// of a run that has been signalled since its task began, and a signal to one that has ended; so either this run reads
// the signal, or the next start finds no run, and begins one (law 2).
//
// Only a run that is about to end asks. Any other has a step to try, and what it then learns to come
// next is of the campaign and the row as they are since.
func (e *enrollment) takenOn(ctx workflow.Context) bool {
	free, _ := workflow.NewDisconnectedContext(ctx)                                               // a cancellation has nothing left to stop
	if err := e.drain(free); err != nil || e.onward == nil || e.onward.StepIndex <= e.StepIndex { // it has been there: a position only grows
		return false
	}
	if e.keepsSteps() {
		e.input.First, e.input.Steps, e.Next = e.onward, FollowSteps(e.onward.StepID), &campaign.Next{Completed: true}
	}
	e.came, e.onward = e.onward, nil
	e.goOn(ctx)
	return true
}

// onContinue keeps where to go on, unless the round is another: that begins when this run has ended.
func (e *enrollment) onContinue(next campaign.Next) {
	if next.FirstVisit() == e.input.FirstVisit() && (e.onward == nil || e.onward.StepIndex < next.StepIndex) {
		e.onward = &next
	}
}
