package campaign

import (
	"slices"
	"time"

	"relance/internal/pace"
)

// Path is the steps of a campaign in their order as they are now. A message that was
// removed keeps its place in it, so that what comes next is known also for who has had it.
type Path []PathStep

// PathStep is a step of a path.
type PathStep struct {
	Plan
	// Removed is true of a message that nobody gets any more.
	Removed bool `json:"removed,omitempty"`
	// Was are the ids that the step has had before; the ledger goes on to know it by them.
	Was []string `json:"was,omitempty"`
	// Said is a digest of what a removed message said when it was removed: one that says the same later is a twin.
	Said string `json:"said,omitempty"`
}

// Is is true when the step has the id, or has had it.
func (s PathStep) Is(id string) bool { return s.ID == id || slices.Contains(s.Was, id) }

// Waits is how long a wait step waits; zero for any other.
func (s PathStep) Waits() pace.Wait { return waitOf(s.Wait, s.Days, s.SendingDays) }

// Ahead is what comes next for a contact: a message, after waits.
type Ahead struct {
	// Completed is true when nothing comes; the rest is then empty, but for After.
	Completed bool
	Message   PathStep
	// Waits are the waits before it, in their order. They count from After.
	Waits []PathStep
	// After is the place of the contact: the last message that it has had. Nil before the
	// first: the waits then count from the beginning.
	After *Sending
}

// Ahead says what comes next for a contact that has had these messages, in the order in
// which it had them: the next message after its place that it has not had. What it has passed is not caught
// up, and what it has had it does not get again, wherever that stands now. The waits are
// those that stand now between its place and the message.
func (p Path) Ahead(had []Sending) Ahead {
	at, after := p.place(had)
	ahead := Ahead{Completed: true, After: after}
	for _, step := range p[at+1:] {
		switch {
		case step.Kind == Wait:
			ahead.Waits = append(ahead.Waits, step)
		case step.Removed || slices.ContainsFunc(had, func(one Sending) bool { return step.Is(one.StepID) }):
		default:
			ahead.Completed, ahead.Message = false, step
			return ahead
		}
	}
	ahead.Waits = nil // nothing follows that would be waited for
	return ahead
}

// place is the index of the last message that the contact has had, -1 before the first. One
// that the path does not know, as only a release before can have left it, does not count.
func (p Path) place(had []Sending) (int, *Sending) {
	for i, one := range slices.Backward(had) {
		if at := slices.IndexFunc(p, func(step PathStep) bool { return step.Is(one.StepID) }); at >= 0 {
			return at, &had[i]
		}
	}
	return -1, nil
}

// Next is the position that follows index: that of the wait before the message, if there is
// one, and then that of the message. A position is not the step's number in the campaign, which
// an edit may change: it counts, and only grows. See Attempt.StepIndex.
func (a Ahead) Next(index, version int) Next {
	next := Next{Completed: a.Completed, Version: version}
	if a.Completed {
		return next
	}
	next.StepID, next.Kind, next.StepIndex = a.Message.ID, a.Message.Kind, index+1
	for i, step := range a.Waits {
		wait := step.Waits()
		next.Wait += wait.Roughly()
		if i == 0 {
			next.StepIndex, next.WaitStep = index+2, step.ID
			next.Days, next.SendingDays = wait.Days, wait.SendingDays
			continue
		}
		next.Days, next.SendingDays = 0, 0 // several waits are reckoned one after another: see At
	}
	return next
}

// At is when its waits are over, from where the contact stands: the place, or the moment at
// which it began. A wait by the clock counts from when the message was accepted, one of
// dates from when it was sent, to the time of day at which it had been due. Hours are
// those of the campaign; a wait that they have no date for is taken by the clock.
func (a Ahead) At(began time.Time, hours pace.Hours) time.Time {
	at, sent, due := began, began, time.Time{}
	if a.After != nil {
		at, sent, due = a.After.At, a.After.WireAt, a.After.Due
		if sent.IsZero() {
			sent = at
		}
	}
	for _, step := range a.Waits {
		wait := step.Waits()
		if !wait.OfDates() {
			at = at.Add(wait.Elapsed)
		} else if over, err := wait.After(sent, due, hours); err == nil {
			at = over
		} else {
			at = at.Add(wait.Roughly())
		}
		sent, due = at, at
	}
	return at
}

// OfDates is true when one of its waits ends by the calendar.
func (a Ahead) OfDates() bool {
	return slices.ContainsFunc(a.Waits, func(step PathStep) bool { return step.Waits().OfDates() })
}
