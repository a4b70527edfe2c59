package campaign

import (
	"errors"
	"time"
)

// ErrNoAnswer is the error for a workflow that exists and does not answer its query.
var ErrNoAnswer = errors.New("it does not answer the query for its position")

// Run is what Temporal knows of one enrollment: the latest run of its workflow.
type Run struct {
	EnrollmentKey
	// Position is the workflow's answer to its query. A run that was closed before
	// its first workflow task has the position at which it was started.
	Position
	RunID     string
	Open      bool
	StartedAt time.Time
	// Closed is how a run that is not open has ended, in Temporal's word.
	Closed   string
	ClosedAt time.Time
	// Outcome is Completed or Disenrolled when the workflow itself has come to its
	// end; empty when it is open or was cut off.
	Outcome Status
	Reason  string
	// Length is that of the history: a run of the same length has not moved.
	Length int64
	// EnrollmentID, Steps and Retry are pinned by the workflow's input. One that Follows its
	// campaign has no Steps.
	EnrollmentID int64
	Steps        []Plan
	Follows      bool
	Retry        Retry
	// LastFix is the highest number of a fix that the workflow remembers.
	LastFix int64
	// Busy is true while something is on its way to the workflow: the end of an
	// activity, or events that it has not read.
	Busy bool
	// Pending is the activity that tries the step, or that records its failure;
	// nil when there is none.
	Pending *Pending
}

// Pending is an activity that has not ended.
type Pending struct {
	// Records is true for the activity that records a failure: the tries of the
	// step itself are over.
	Records bool
	// Attempt counts from 1. Running is true while a worker has it.
	Attempt int
	Running bool
	// EndedAt is when the last attempt before this one ended; zero when that is
	// not known. TimedOut is true when its worker was only taken for dead.
	EndedAt  time.Time
	TimedOut bool
}

// Receipt is one message that a workflow has seen sent, or has begun to send.
type Receipt struct {
	DeliveryKey
	Kind Kind
	// MessageID is without angle brackets; empty when it is not known.
	MessageID string
	At        time.Time
}

// Receipts are the messages that the history of a workflow shows.
type Receipts struct {
	Sent []Receipt
	// Unfinished was being tried when the workflow was cut off; nil when nothing was.
	Unfinished *Receipt
	// CutOff is when the last workflow task that was cut off, after the last message,
	// was taken for dead. Its first try may have sent, and a history keeps nothing of a
	// first try before it has ended. Zero when none was.
	CutOff time.Time
}
