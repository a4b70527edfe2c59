package campaign

import (
	"time"

	"relance/internal/failure"
)

// Status is the state of an enrollment. At every moment it is exactly one of
// these (law 2).
type Status string

// The six states of an enrollment.
const (
	Active      Status = "Active"
	Waiting     Status = "Waiting"
	InError     Status = "InError"
	Paused      Status = "Paused"
	Completed   Status = "Completed"
	Disenrolled Status = "Disenrolled"
)

// Statuses returns the six states in the order in which people read them.
func Statuses() []Status {
	return []Status{Active, Waiting, InError, Paused, Completed, Disenrolled}
}

// Ended is true when nothing more will happen to the enrollment.
func (s Status) Ended() bool { return s == Completed || s == Disenrolled }

// Attempt is one try of one step of one enrollment: the input of the sending
// activities and the key under which the store claims, records and parks. It
// carries ids only, never a text or an address.
type Attempt struct {
	EnrollmentID int64  `json:"enrollmentId"`
	CampaignKey  string `json:"campaignKey"`
	ContactID    int64  `json:"contactId"`
	StepID       string `json:"stepId"`
	// StepIndex is the position of the step, from 0: its number in the campaign, for as long
	// as no edit has moved the enrollment. It only grows: an enrollment goes on to a later step, or stays, and never comes back
	// to one that it has left. What is behind it is done for good. By this a stale
	// attempt is known (store/ledger_claim.go), the row moves on only from where it
	// was (store/ledger_settle.go), and a reconciliation knows which of two records is
	// the newer (reconcile/compare.go). A kind of step that branches may skip steps;
	// none may jump back.
	StepIndex int `json:"stepIndex,omitempty"`
	// Visit counts confirmed non-deliveries: it starts at 1 and grows each time an
	// operator answers not-sent. (enrollment, step, visit) is the idempotency key of
	// a message. One that is enrolled again starts above all visits of the rounds before
	// (Facts.VisitBase): what was sent then is neither sent for this round, nor keeps it from sending.
	Visit int `json:"visit"`
	// ResumedPark is the number of the last park that was resumed, 0 when the
	// enrollment has never been parked. An open park with a higher number was
	// written by a lost answer of this same attempt.
	ResumedPark int     `json:"resumedPark,omitempty"`
	Resume      *Resume `json:"resume,omitempty"`
	Next        Next    `json:"next"`
	// Follows is true of an enrollment that follows the campaign as it is now: what is done
	// is then said by the campaign's steps, and Next by the transaction. Version is the
	// campaign's by which StepID was found, and Kind what the step does.
	Follows bool `json:"follows,omitempty"`
	Version int  `json:"version,omitempty"`
	Kind    Kind `json:"kind,omitempty"`
	// Due is when the wait before the step was over; zero when no wait stands before it.
	Due time.Time `json:"due,omitzero"`
	// Clock is Temporal's when the workflow began the attempt: Facts.Now may be behind it.
	Clock time.Time `json:"clock,omitzero"`
	// Retry is the enrollment's, for a first try: a local activity has no policy of the
	// server's. No history keeps the input of a local activity.
	Retry Retry `json:"retry,omitzero"`
	// Turn is the number of the turn with which the attempt began; 0 when it has none. One that has
	// none is not let take a turn of which the workflow has still to be signalled: it was begun before, and
	// the workflow waits for that signal.
	Turn int64 `json:"turn,omitempty"`
	// Tried counts the attempts that had failed before the enrollment waited for a turn: they
	// count towards the retry's.
	Tried int `json:"tried,omitempty"`
	// Seen is the status that the attempt found when it began; empty when it has not looked. It is
	// never kept: by it an attempt is known to be stale that began before another one paused the enrollment.
	Seen Status `json:"-"`
	// Failed is how the first try has failed: the activity that goes on from there
	// begins with this failure as its first attempt.
	Failed *failure.FailedTry `json:"failed,omitempty"`
}

// Resume is what a resume says: the payload of the signal and of the update
// `resume`. The zero value resumes whatever is open.
type Resume struct {
	// ParkID names the park that is meant; 0 means the open one.
	ParkID int `json:"parkId,omitempty"`
	// FixID makes a repeated delivery of the same resume count once.
	FixID string `json:"fixId,omitempty"`
	By    string `json:"by,omitempty"`
	Note  string `json:"note,omitempty"`
	// Assume answers a DeliveryUncertain.
	Assume Assume `json:"assume,omitempty"`
}

// Assume is an operator's answer to "was it sent?".
type Assume string

// The two answers; empty is no answer.
const (
	AssumeSent    Assume = "sent"
	AssumeNotSent Assume = "not-sent"
)

// Next is the position of an enrollment once the step is done, so that the
// transaction that records the step can record that too.
type Next struct {
	// Completed is true after the last step; the rest is then empty.
	Completed bool   `json:"completed,omitempty"`
	StepID    string `json:"stepId,omitempty"`
	StepIndex int    `json:"stepIndex,omitempty"`
	// Wait is how long the enrollment waits before (a wait step), in nanoseconds. Days and
	// SendingDays are set when the wait is of dates, and Wait is then only roughly so long.
	Wait        time.Duration `json:"wait,omitempty"`
	Days        int           `json:"days,omitempty"`
	SendingDays int           `json:"sendingDays,omitempty"`
	// At is when a wait of dates is over, reckoned when the step was done: no workflow says it.
	At time.Time `json:"at,omitzero"`
	// The rest is of an enrollment that follows the campaign as it is now: what the
	// transaction that settles its step says. StepID is then the message, of this Kind,
	// WaitStep the wait before it, which has the position before StepIndex, and Version that of the
	// campaign by which it was found.
	Kind     Kind   `json:"kind,omitempty"`
	WaitStep string `json:"waitStep,omitempty"`
	Version  int    `json:"version,omitempty"`
	// Visit is the first visit of the message, when the enrollment has been enrolled again; 0 is 1.
	Visit int `json:"visit,omitempty"`
}

// FirstVisit is the visit at which the message is tried first.
func (n Next) FirstVisit() int { return max(1, n.Visit) }

// Stands is where the enrollment stands then: at the wait, if there is one, or at the step.
func (n Next) Stands() (stepID string, index int) {
	if n.WaitStep != "" {
		return n.WaitStep, n.StepIndex - 1
	}
	return n.StepID, n.StepIndex
}

// Plan is the skeleton of a step: what a workflow needs to know of it.
type Plan struct {
	ID          string        `json:"id"`
	Kind        Kind          `json:"kind"`
	Wait        time.Duration `json:"wait,omitempty"`
	Days        int           `json:"days,omitempty"`
	SendingDays int           `json:"sendingDays,omitempty"`
}

// Sends is true when doing the step sends a message; see Kind.Sends.
func (p Plan) Sends() bool { return p.Kind.Sends() }

// Plans strips the steps of their texts: workflows carry ids, kinds and waits only.
func Plans(steps []Step) []Plan {
	plans := make([]Plan, len(steps))
	for i, step := range steps {
		plans[i] = Plan{ID: step.ID, Kind: step.Kind, Wait: step.Wait, Days: step.Days, SendingDays: step.SendingDays}
	}
	return plans
}

// NextAfter returns the position of an enrollment when step index is done; -1 asks
// for the start. A wait that nothing but waits follow is not waited for. The
// position that it returns is above index, always; see Attempt.StepIndex.
func NextAfter(steps []Plan, index int) Next {
	last := -1
	for i, step := range steps {
		if step.Kind != Wait {
			last = i
		}
	}
	if index >= last {
		return Next{Completed: true}
	}
	next := steps[index+1]
	return Next{StepID: next.ID, StepIndex: index + 1, Wait: next.Wait, Days: next.Days, SendingDays: next.SendingDays}
}
