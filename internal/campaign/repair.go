package campaign

import "time"

// Reconciler signs what a reconciliation writes: into the ledger, the notes
// and the outbox.
const Reconciler = "reconcile"

// Repair is what a reconciliation writes about one enrollment, in one transaction.
type Repair struct {
	// Position is the row's new position; nil leaves it as it is.
	Position *Position
	// StepIndex is where an edit of the campaign has moved the row's step; nil
	// when it is where it was.
	StepIndex *int
	// At is when the workflow ended, and Reason why, for a Position that has ended.
	At     time.Time
	Reason string
	// Sent are steps that are behind the workflow: the ledger gets a row for each
	// that it does not know as sent, so that none is ever sent again (law 1).
	Sent []Receipt
	// Uncertain may have been sent: the ledger gets an uncertain row for each of
	// which it knows nothing (law 4).
	Uncertain []Receipt
	// Outbox is an entry for this enrollment alone; nil adds none.
	Outbox *OutboxEntry
}

// Empty is true when there is nothing to write.
func (r Repair) Empty() bool {
	return r.Position == nil && r.StepIndex == nil && len(r.Sent) == 0 && len(r.Uncertain) == 0 && r.Outbox == nil
}

// Restart is a workflow that is started again, at its Position.
type Restart struct {
	EnrollmentKey
	EnrollmentID              int64
	CampaignName, ContactName string
	// Steps are those that the enrollment keeps, or, when it Follows its campaign, those as
	// they are now.
	Steps   []Plan
	Follows bool
	// Retry is zero when the old workflow's is not known.
	Retry Retry
	Position
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
