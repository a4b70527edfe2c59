package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
)

// leave records a disenrollment. PostgreSQL may know better: a first try that did the last
// step, and whose task was lost, is in no history, and the disenrollment that the next
// task reads came after it.
//
// A cancellation does not stop it: the workflow would close, and its row run on (law 2).
func (e *enrollment) leave(ctx workflow.Context) (EnrollmentResult, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	ctx = workflow.WithActivityOptions(ctx, recordOptions("record the disenrollment"))
	var records *activities.Records
	var recorded activities.DisenrollResult
	err := workflow.ExecuteActivity(ctx, records.RecordDisenroll, activities.DisenrollInput{
		EnrollmentID: e.input.EnrollmentID, Reason: e.disenroll.Reason, By: e.disenroll.By, FirstVisit: e.input.FirstVisit(),
	}).Get(ctx, &recorded)
	if err != nil {
		return EnrollmentResult{}, err
	}
	if recorded.Status == campaign.Completed && e.takenOn(ctx) {
		return e.leave(ctx)
	}
	e.Status, e.Park = campaign.Disenrolled, nil
	if recorded.Status == campaign.Completed {
		e.Status = campaign.Completed
	}
	workflow.SetCurrentDetails(ctx, "")
	e.publish(ctx, e.Status)
	return e.result(e.Status), nil
}

// cancel records a cancellation as a disenrollment and lets the workflow end
// as cancelled.
func (e *enrollment) cancel(ctx workflow.Context, cause error) (EnrollmentResult, error) {
	if e.disenroll == nil {
		e.disenroll = &Disenroll{Reason: "The workflow was cancelled."}
	}
	if _, err := e.leave(ctx); err != nil {
		return EnrollmentResult{}, err
	}
	return EnrollmentResult{}, cause
}
