package activities

import (
	"context"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Records writes down what no sending activity could.
type Records struct{ Ledger Ledger }

// RecordFailureInput is a failure that no claim has recorded: retries
// exhausted, or a timeout.
type RecordFailureInput struct {
	Attempt campaign.Attempt `json:"attempt"`
	Problem failure.Problem  `json:"problem"`
}

// RecordFailureResult is what the ledger says of it: parked, or Sent when there is nothing
// left to record, because the message was sent, or the enrollment has ended or gone on.
type RecordFailureResult struct {
	Parked *failure.Parked `json:"parked,omitempty"`
	Sent   bool            `json:"sent,omitempty"`
}

// RecordFailure parks the contact, as DeliveryUncertain if the message may
// have been accepted. It asks the ledger first: the error may be older than
// the truth.
func (a *Records) RecordFailure(ctx context.Context, input RecordFailureInput) (RecordFailureResult, error) {
	held, err := a.Ledger.Record(ctx, input.Attempt, input.Problem)
	return RecordFailureResult{Parked: held.Parked, Sent: held.Sent}, err
}

// DisenrollInput ends one enrollment.
type DisenrollInput struct {
	EnrollmentID int64  `json:"enrollmentId"`
	Reason       string `json:"reason,omitempty"`
	By           string `json:"by,omitempty"`
	// FirstVisit is that of the round that the workflow is of (campaign.Attempt.Visit): a later one
	// is not its to end. Releases before this field have left it out: 0 ends whichever it is.
	FirstVisit int `json:"firstVisit,omitempty"`
}

// DisenrollResult is how the enrollment has ended: Completed when its last step was done
// before it could be disenrolled, and Disenrolled of a round that is over. Releases before this field have left it out.
type DisenrollResult struct {
	Status campaign.Status `json:"status,omitempty"`
}

// RecordDisenroll writes down that an enrollment has been ended.
func (a *Records) RecordDisenroll(ctx context.Context, input DisenrollInput) (DisenrollResult, error) {
	status, err := a.Ledger.Disenroll(ctx, input.EnrollmentID, input.FirstVisit, input.Reason, input.By)
	return DisenrollResult{Status: status}, err
}
