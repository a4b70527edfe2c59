package campaign

import (
	"time"

	"relance/internal/failure"
)

// EnrollmentKey names an enrollment as its workflow id does.
type EnrollmentKey struct {
	CampaignKey string
	ContactID   int64
}

// Position is the state of an enrollment at its step, as its row or its workflow has it.
type Position struct {
	Status    Status
	StepIndex int
	StepID    string
	// Visit is 1 or more, as in Attempt.
	Visit int
	// VisitBase is the last visit of the rounds before: see Facts.
	VisitBase int
	// NextAt is when a waiting enrollment goes on.
	NextAt time.Time
	// Park is the open park; nil unless InError.
	Park *failure.Parked
	// LastPark is the number of the last park, open or not; 0 when there was none.
	LastPark int
}

// Record is what PostgreSQL knows of one enrollment.
type Record struct {
	EnrollmentKey
	Position
	EnrollmentID              int64
	CampaignName, ContactName string
	EnrolledAt                time.Time
	// Started is true when the workflow has been started; StartAsked when the
	// outbox has an open row that will see to it.
	Started, StartAsked bool
	// Steps are those of the campaign as it is now. Follows is true when the enrollment is
	// known to follow them.
	Steps   []Plan
	Follows bool
	// Ledger holds the state of every delivery.
	Ledger map[DeliveryKey]DeliveryState
	// Unheard is the last outbox entry that was signalled to this enrollment and of
	// which its row shows no effect; nil when there is none.
	Unheard *OutboxEntry
}

// DeliveryKey names a row of the ledger within its enrollment.
type DeliveryKey struct {
	StepID string
	Visit  int
}

// Knows is true when the ledger says that the step was sent, in any visit of this round, or
// that this visit may have been.
func (r Record) Knows(key DeliveryKey) bool {
	state := r.Ledger[key]
	return r.WasSent(key.StepID) || state == OnWire || state == Uncertain
}

// WasSent is true when the ledger says that the step was sent, in any visit of this round.
func (r Record) WasSent(stepID string) bool {
	for key, state := range r.Ledger {
		if key.StepID == stepID && key.Visit > r.VisitBase && state == Sent {
			return true
		}
	}
	return false
}

// LastVisit is the highest visit of the step in the ledger, at least the first of this round.
func (r Record) LastVisit(stepID string) int {
	last := r.VisitBase + 1
	for key := range r.Ledger {
		if key.StepID == stepID {
			last = max(last, key.Visit)
		}
	}
	return last
}
