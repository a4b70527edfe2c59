package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
)

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
