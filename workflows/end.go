package workflows

import (
	"cmp"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
)

var zeroTime time.Time

// wait waits, durably, until a time. stepDone means: the time has come.
func (e *enrollment) wait(ctx workflow.Context, until time.Time, summary string) (stepEnd, error) {
	if e.NextAt.IsZero() || e.Status != campaign.Waiting { // else it was handed over by an earlier run
		e.Status, e.NextAt = campaign.Waiting, until
	}
	e.publish(ctx, campaign.Waiting)
	duration := e.NextAt.Sub(workflow.Now(ctx))
	if duration > 0 {
		_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: duration, TimerOptions: workflow.TimerOptions{Summary: summary},
		}, func() bool { return e.disenroll != nil })
		if err != nil {
			return stepCancelled, err
		}
	}
	if e.disenroll != nil {
		return stepLeft, nil
	}
	return stepDone, nil
}

// leave records a disenrollment.
func (e *enrollment) leave(ctx workflow.Context) (EnrollmentResult, error) {
	ctx = workflow.WithActivityOptions(ctx, recordOptions("record the disenrollment"))
	var records *activities.Records
	err := workflow.ExecuteActivity(ctx, records.RecordDisenroll, activities.DisenrollInput{
		EnrollmentID: e.input.EnrollmentID, Reason: e.disenroll.Reason, By: e.disenroll.By,
	}).Get(ctx, nil)
	if err != nil {
		return EnrollmentResult{}, err
	}
	e.Status, e.Park = campaign.Disenrolled, nil
	workflow.SetCurrentDetails(ctx, "")
	e.publish(ctx, campaign.Disenrolled)
	return e.result(campaign.Disenrolled), nil
}

// cancel records a cancellation as a disenrollment and lets the workflow end
// as cancelled.
func (e *enrollment) cancel(ctx workflow.Context, cause error) (EnrollmentResult, error) {
	disconnected, _ := workflow.NewDisconnectedContext(ctx)
	if e.disenroll == nil {
		e.disenroll = &Disenroll{Reason: "The workflow was cancelled."}
	}
	if _, err := e.leave(disconnected); err != nil {
		return EnrollmentResult{}, err
	}
	return EnrollmentResult{}, cause
}

// mustHandOver is true when the server says that the history has grown long.
func (e *enrollment) mustHandOver(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// continueAsNew is the one place that hands the state to a new run. No signal
// is left behind.
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
	input.State.Early, input.State.Leaving = e.kept(), e.disenroll
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
