package campaign

import "time"

// Reconciler signs what a reconciliation writes: into the ledger, the notes
// and the outbox.
const Reconciler = "reconcile"

// Mend is what a reconciliation writes about one enrollment, in one transaction.
type Mend struct {
	// Stand is where the row is to stand; nil leaves it where it is.
	Stand *Standing
	// StepIndex is where an edit of the campaign has moved the row's step; nil
	// when it is where it was.
	StepIndex *int
	// At is when the workflow came to its end, for a Stand that has ended; Reason why.
	At     time.Time
	Reason string
	// Sent are steps that are behind the workflow: the ledger gets a row for each
	// that it does not know as sent, so that none is ever sent again (law 1).
	Sent []Receipt
	// Doubted may have been sent: the ledger gets an uncertain row for each of
	// which it knows nothing (law 4).
	Doubted []Receipt
	// Ask is put into the outbox for this enrollment alone; nil asks nothing.
	Ask *OutboxEntry
}

// Empty is true when there is nothing to write.
func (m Mend) Empty() bool {
	return m.Stand == nil && m.StepIndex == nil && len(m.Sent) == 0 && len(m.Doubted) == 0 && m.Ask == nil
}

// Restart says where a workflow is started again.
type Restart struct {
	EnrollmentKey
	EnrollmentID              int64
	CampaignName, ContactName string
	Steps                     []Plan
	// Retry is zero when the old workflow's is not known.
	Retry Retry
	Standing
	// Leave is set when the contact is to be disenrolled at once.
	Leave *OutboxEntry
	// Replace is true when a workflow that is open makes room.
	Replace bool
}

// Lost is an enrollment that only its workflow knows of.
type Lost struct {
	EnrollmentKey
	EnrollmentID int64
	StartedAt    time.Time
}

// Numbers are the highest numbers that have been given out.
type Numbers struct {
	Fact, Contact, Enrollment int64
}
