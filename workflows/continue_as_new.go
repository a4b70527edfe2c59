package workflows

import (
	"cmp"
	"slices"

	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
)

// continueAsNewSuggested is true when the server says that the history has grown long.
func (e *enrollment) continueAsNewSuggested(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// continueAsNew is the one place that continues as new: the next run starts with this
// one's state. No signal is left behind.
func (e *enrollment) continueAsNew(ctx workflow.Context) (EnrollmentResult, error) {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return e.cancel(ctx, err)
	}
	if err := e.drain(ctx); err != nil {
		return e.cancel(ctx, err)
	}
	input := e.input
	state := e.State
	input.State = &state
	input.State.Early, input.State.Leaving, input.State.Onward = e.kept(), e.disenroll, e.onward
	if e.toFollow() {
		e.beginToFollow(&input)
	} else {
		input.State.Edited = e.edited
	}
	return EnrollmentResult{}, workflow.NewContinueAsNewError(ctx, Enrollment, input)
}

// kept is the resume that the next run has to know of (law 3): the one that ends
// the open park, or the newest that is for a park still to be heard of.
func (e *enrollment) kept() *campaign.Resume {
	if e.accepted != nil || len(e.early) == 0 {
		return e.accepted
	}
	newest := slices.MaxFunc(e.early, func(a, b campaign.Resume) int { return cmp.Compare(a.ParkID, b.ParkID) })
	return &newest
}
