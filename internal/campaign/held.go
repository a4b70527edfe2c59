package campaign

import (
	"errors"
	"time"

	"relance/internal/failure"
)

// ErrSuperseded says that another attempt has taken over the delivery: the
// caller must not send, and what it knows is no longer wanted (law 1).
var ErrSuperseded = errors.New("another attempt has taken over this delivery")

// ErrUnstorable says that the database cannot keep a value, and will say so again.
var ErrUnstorable = errors.New("the database cannot keep what it was given")

// ErrLate says that an answer came after its delivery had been given up as
// uncertain. It has been recorded; where the enrollment goes is up to its park.
var ErrLate = errors.New("the answer came after the delivery had been given up")

// ErrEdited says that the campaign was edited since the facts were read: what comes next, or
// its text, may be another; or the enrollment has ended, and nothing does. A message that was sent is recorded all the same.
var ErrEdited = errors.New("the campaign was edited meanwhile")

// ErrNoCredits says that the credit plan ran dry between the check and the claim.
var ErrNoCredits = errors.New("no credits left")

// Check decides from facts whether the step can be done.
type Check func(Facts) Finding

// Held is what keeps a step from being done, as it has been recorded. All
// zero: nothing does.
type Held struct {
	// Parked is set when the contact is in error in the step.
	Parked *failure.Parked
	// Paused is true when the enrollment is paused with its campaign.
	Paused bool
	// Until is when a waiting enrollment tries again.
	Until time.Time
	// InLine is true when it waits in the sender's line for a turn.
	InLine bool
	// Sent is true when the delivery turned out to have been sent.
	Sent bool
}

// Refusal is a definite failure: the message was not accepted.
type Refusal struct {
	// Reply is the server's words, for the ledger.
	Reply string
	// Words are what AccountError and Bounced are made of; nil when nobody knows.
	Words *failure.Words
	// Final is true when the machine does not try again by itself.
	Final bool
	// Problem parks at once. It has no causes: what waits for a fix is found by a
	// check under locks, after the facts below have been recorded.
	Problem *failure.Problem
	// Check finds what follows from the refusal itself, under locks; nil when the
	// step's own check does.
	Check Check
	// AccountError puts the email account in error with this reason, unless the
	// account has changed since the attempt read it.
	AccountError string
	// RestFor lets the email account rest.
	RestFor time.Duration
	// Retry is when the step is tried again after a refusal that holds nothing;
	// nil when it is not, or when nobody knows.
	Retry *RetryState
	// Bounced records the recipient's address as bounced, with this reason.
	Bounced string
}

// ChangesFacts is true when recording the refusal changes what a check finds.
func (r Refusal) ChangesFacts() bool {
	return r.AccountError != "" || r.RestFor > 0 || r.Bounced != "" || r.Check != nil
}
