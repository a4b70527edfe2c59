package activities

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
)

// Ledger is what the sending activities need of the database.
type Ledger interface {
	Facts(ctx context.Context, attempt campaign.Attempt) (campaign.Facts, error)
	Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error)
	// GoOn has an enrollment that follows its campaign go on to what comes next now, instead
	// of the attempt's step; false when that is what comes next, or its message is out.
	GoOn(ctx context.Context, attempt campaign.Attempt) (next campaign.Next, moved bool, err error)
	Claim(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error)
	Gate(ctx context.Context, delivery campaign.Delivery) error
	MarkSent(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, reply string) error
	Fail(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal, check campaign.Check) (campaign.Held, error)
	MarkUncertain(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, problem failure.Problem) (campaign.Held, error)
	AcceptSent(ctx context.Context, attempt campaign.Attempt, assume bool) (campaign.Delivery, bool, error)
	// AcceptNotSent settles the visit before this one on the word of the operator who has resumed the attempt: it was not sent.
	AcceptNotSent(ctx context.Context, attempt campaign.Attempt) error
	// AwaitLook asks for a look at the account's mailbox that begins after this moment, and waits
	// for it, at most so long.
	AwaitLook(ctx context.Context, account string, after time.Time, atMost time.Duration) (looked bool, err error)
	Record(ctx context.Context, attempt campaign.Attempt, problem failure.Problem) (campaign.Held, error)
	// Disenroll ends the enrollment, unless it is in a later round than the one that has this first visit; 0 is any.
	Disenroll(ctx context.Context, enrollmentID int64, firstVisit int, reason, by string) (campaign.Status, error)
}

// Gate is called when everything but the last byte of a message has been
// transmitted, and before that byte. Its error means: do not send it (law 1).
type Gate func(ctx context.Context) error

// Postman writes emails and hands them to the sender's mail server.
type Postman interface {
	// Write renders the step's texts for the contact and finds its thread.
	Write(facts campaign.Facts, step campaign.Step) (Email, error)
	// NewDraft generates the fields that the claim persists: Message-ID, date, boundary.
	NewDraft(facts campaign.Facts, email Email) campaign.Draft
	// Reserve leases a connection to the sender's mail server. When the queue for them
	// is longer than maxWait there is none, and retryIn is in how long to come again: an
	// account that is slow holds no worker's slot.
	Reserve(ctx context.Context, account campaign.EmailAccount, maxWait time.Duration) (connection Connection, retryIn time.Duration, err error)
}

// Connection is a leased connection to the sender's mail server, for one email, until
// Release.
type Connection interface {
	// Send answers with the server's words, or with *NotAccepted, *Unanswered
	// or the gate's error.
	Send(ctx context.Context, delivery campaign.Delivery, email Email, gate Gate) (string, error)
	Release()
}

// Texter writes text messages and hands them to the provider.
type Texter interface {
	Write(facts campaign.Facts, step campaign.Step) (string, error)
	// Send answers with the provider's receipt, or with errors as Connection.Send.
	Send(ctx context.Context, to, text string, gate Gate) (string, error)
}

// Email is a rendered email without what the ledger freezes.
type Email struct {
	Subject, Text string
	// InReplyTo and References are Message-IDs without angle brackets.
	InReplyTo  string
	References []string
	// Unsubscribe is what its header offers.
	Unsubscribe campaign.Unsubscribe
}

// NotAccepted says that the message was definitely not accepted.
type NotAccepted struct {
	Verdict verdict.Verdict
	// Words are the server's, or say in ours what happened. No message body.
	Words string
	// Meaning is the classifier's reason for the verdict, one clause; empty when the
	// words are ours and need none.
	Meaning string
	// RetryAfter is when trying again makes sense, 0 when nothing is known.
	RetryAfter time.Duration
	Err        error
}

// Error returns the words.
func (e *NotAccepted) Error() string { return e.Words }

// Unwrap returns the error of the wire.
func (e *NotAccepted) Unwrap() error { return e.Err }

// Detail is what people read: the server's words, and beside them what they mean.
func (e *NotAccepted) Detail() string { return e.Apart().Text() }

// Apart is the detail in its parts.
func (e *NotAccepted) Apart() *failure.Words {
	if e.Meaning == "" {
		return failure.Ours(e.Words)
	}
	return &failure.Words{Said: e.Words, Meaning: e.Meaning}
}

// Unanswered says that the message may have been accepted: its last byte was
// or may have been sent, and no answer came (law 4).
type Unanswered struct {
	Words string
	Err   error
}

// Error returns the words.
func (e *Unanswered) Error() string { return e.Words }

// Unwrap returns the error of the wire.
func (e *Unanswered) Unwrap() error { return e.Err }
