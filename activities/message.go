package activities

import (
	"context"
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// message is one message of one step of one enrollment, and what email and SMS do
// differently about it.
type message interface {
	// Check finds what keeps the step from being done.
	Check(facts campaign.Facts) campaign.Finding
	// Sender names what the message is sent from.
	Sender(facts campaign.Facts) string
	// Reserve writes the message as these facts have it, and takes a slot to transmit
	// it from. When the sender is busy for longer than maxWait there is none: retryIn is
	// then in how long to come again.
	Reserve(ctx context.Context, facts campaign.Facts, maxWait time.Duration) (slot slot, retryIn time.Duration, err error)
	// Refusal says what follows from a definite failure.
	Refusal(facts campaign.Facts, failed *NotAccepted) campaign.Refusal
	// UncertainDetail is the detail of a delivery whose worker stopped without an answer.
	UncertainDetail() string
}

// slot is one written message with a reserved way to its server, until Release.
type slot interface {
	// Draft is what the claim freezes of the message.
	Draft() campaign.Draft
	// Transmit sends the message, passing the gate before its last byte, and returns
	// the server's words; errors as those of Connection.Send.
	Transmit(ctx context.Context, delivery campaign.Delivery, gate Gate) (words string, err error)
	Release()
}

// stepOf finds the step's texts as they are now. A step that an edit has
// removed under a contact is not skipped in silence.
func stepOf(facts campaign.Facts, attempt campaign.Attempt) (campaign.Step, *failure.Problem) {
	step, ok := facts.Campaign.Step(attempt.StepID)
	if !ok {
		return step, campaign.Unrenderable(facts, fmt.Errorf("the campaign has no step %s any more; put it back, or disenroll the contact", attempt.StepID))
	}
	return step, nil
}
