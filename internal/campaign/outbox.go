package campaign

import "relance/internal/failure"

// OutboxKind says what an outbox entry asks of the workflows that it selects.
type OutboxKind string

// The kinds of outbox entries, as the column outbox.kind has them.
const (
	// OutboxFix resumes the parks that wait for Cause and are older than the entry.
	OutboxFix OutboxKind = "fix"
	// OutboxResume resumes the parks that an operator selected.
	OutboxResume OutboxKind = "resume"
	// OutboxDisenroll ends the enrollments that an operator selected.
	OutboxDisenroll OutboxKind = "disenroll"
	// OutboxEdit has the enrollments look that an edit of the campaign's steps concerns.
	OutboxEdit OutboxKind = "edit"
	// OutboxEnroll starts the workflows of a campaign's new enrollments.
	OutboxEnroll OutboxKind = "enroll"
	// OutboxStop lets the workflows go of enrollments that PostgreSQL has ended by what a
	// person has said.
	OutboxStop OutboxKind = "stop"
)

// OutboxEntry is a pending message to workflows, in the transactional outbox of
// PostgreSQL: it commits with the change that it speaks of, and the worker
// signals the workflows that it selects afterwards (law 3).
type OutboxEntry struct {
	// ID orders entries and parks: both take their numbers from one sequence.
	ID   int64
	Kind OutboxKind
	// Cause is what was fixed; empty unless Kind is OutboxFix.
	Cause    failure.Cause
	Campaign string
	Assume   Assume
	Note     string
	By       string
	// Cursor is the Seq of the last target that was signalled.
	Cursor int64
	// Left is the Seq of the first target that could not be signalled, and is tried again: the
	// cursor stays before it. No row has it.
	Left int64 `db:"-"`
	// Rate is how fast it may be worked off.
	Rate Rate
}

// ResumeNote is what the timeline says of a resume by this entry: the operator's
// words, or what was fixed.
func (e OutboxEntry) ResumeNote() string {
	switch {
	case e.Note == "" && e.Kind == OutboxFix:
		return "fixed: " + e.Cause.Thing()
	case e.Note == "" && e.Kind == OutboxEdit:
		return "the step was removed"
	}
	return e.Note
}

// Target is one enrollment that an outbox entry selects.
type Target struct {
	// Seq is the cursor's value of this target.
	Seq          int64
	EnrollmentID int64
	CampaignKey  string
	ContactID    int64
	// ParkID is the open park; 0 for one that is paused or is to be disenrolled.
	ParkID int
	Status Status
	// VisitBase is that of its round (see Facts), and Started is true once its workflow is known to run.
	VisitBase int
	Started   bool
	// RunID is the one run of its workflow that is meant; empty is the latest. No row has it.
	RunID string `db:"-"`
}

// Enrollee is one enrollment whose workflow has not been started yet.
type Enrollee struct {
	EnrollmentID int64
	ContactID    int64
	ContactName  string
	// StepID and StepIndex are where its row stands.
	StepID    string
	StepIndex int
	// VisitBase is above 0 when it is enrolled again: see Facts.
	VisitBase int
	// Request is the outbox row that has it started; nil where none is known. It names the start: each of
	// enroll, enroll --continue and enroll --again writes another.
	Request *int64
}

// Continues is true of one that has completed the campaign before and is taken on, or that
// is enrolled again.
func (e Enrollee) Continues() bool { return e.StepIndex > 0 }
