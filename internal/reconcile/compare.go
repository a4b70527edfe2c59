package reconcile

import "relance/internal/campaign"

// Kind is what PostgreSQL and Temporal differ in.
type Kind string

// The kinds. Same is none.
const (
	Same Kind = ""
	// Missing: under way in PostgreSQL, and no workflow runs.
	Missing Kind = "missing"
	// Unstarted: never started, and no outbox entry asks for the start.
	Unstarted Kind = "unstarted"
	// Behind: the workflow is further than PostgreSQL knows.
	Behind Kind = "behind"
	// Parked: the workflow waits for something at the same step, and PostgreSQL does not list it.
	Parked Kind = "parked"
	// Ahead: PostgreSQL is further, and the workflow would not get there, or too late.
	Ahead Kind = "ahead"
	// Unheard: a fix, a resume or a disenrollment was signalled, and never arrived.
	Unheard Kind = "unheard"
	// Unknown: a workflow runs, or has ended since the backup, whose enrollment PostgreSQL does not have.
	Unknown Kind = "unknown"
	// Ended: disenrolled in PostgreSQL, and the workflow runs; or enrolled again, and the one of the
	// round before runs.
	Ended Kind = "ended"
	// Uncertain: a message was under way when the ledger was lost, and may have left.
	Uncertain Kind = "doubt"
	// Silent: the workflow does not answer its query.
	Silent Kind = "silent"
	// Numbers: PostgreSQL would give out numbers that Temporal has seen.
	Numbers Kind = "numbers"
)

// showsLoss is true for what only a PostgreSQL that is older than Temporal can explain.
func (k Kind) showsLoss() bool {
	return k == Behind || k == Parked || k == Unknown || k == Numbers
}

// compare says what an enrollment's row and its workflow differ in. Either may
// be nil. What is on its way from one to the other is no difference: in a
// healthy system the row is written first, by the activity, and the workflow
// learns of it when the activity has ended; only waits end without a write to the row.
// Of two positions the higher one is the newer: see campaign.Attempt.StepIndex.
func compare(record *campaign.Record, run *campaign.Run) Kind {
	run = following(record, run)
	switch {
	case record == nil && run == nil:
		return Same
	case record == nil, isStranger(record, run):
		return Unknown
	case isLater(record, run):
		return lostRound(run)
	case isEarlier(record, run) && run.Open && !record.Started && record.StartAsked:
		return unless(run.Busy, Ended) // the start waits for its end
	case isEarlier(record, run) && run.Open:
		return unless(run.Busy, Ahead)
	case isEarlier(record, run):
		return compare(record, nil)
	case wentOn(record, run):
		return lostRound(run)
	case record.Status.Ended():
		return compareEnded(record, run)
	case run == nil && record.Started:
		return Missing
	case run == nil && record.StartAsked:
		return Same
	case run == nil:
		return Unstarted
	case !run.Open && run.Outcome == campaign.Completed && record.StepIndex > 0 && !record.Started && record.StartAsked:
		return Same // it is taken on, after it had completed
	case !run.Open && run.Outcome != "":
		return Behind
	case !run.Open:
		return Missing
	}
	switch kind := comparePositions(record.Position, *run); {
	case kind != Same:
		return kind
	case !record.Started && !record.StartAsked:
		return Unstarted
	case record.Unheard != nil && !run.Busy && hears(record, run):
		return Unheard
	}
	return Same
}

// isStranger is true for a workflow of an earlier enrollment, perhaps of another
// person under the same id.
func isStranger(record *campaign.Record, run *campaign.Run) bool {
	return run != nil && run.EnrollmentID != record.EnrollmentID && (run.Open || !record.Status.Ended())
}

// isLater is true when the workflow is in a later round than the row: PostgreSQL is older
// than the enrollment's being enrolled again.
func isLater(record *campaign.Record, run *campaign.Run) bool {
	return run != nil && run.VisitBase > record.VisitBase
}

// isEarlier is true when the workflow is of a round before: it has ended, or its end was lost.
func isEarlier(record *campaign.Record, run *campaign.Run) bool {
	return run != nil && run.VisitBase < record.VisitBase
}

// wentOn is true when the workflow stands further than a row that has completed: PostgreSQL is older than the
// enrollment's being taken on (enroll --continue). A row that completes is one position further than its workflow.
func wentOn(record *campaign.Record, run *campaign.Run) bool {
	return run != nil && run.Follows && record.Status == campaign.Completed && run.StepIndex > record.StepIndex
}

// lostRound is what a workflow of a later round, or of one that was taken on, is to a row that knows nothing of it.
func lostRound(run *campaign.Run) Kind {
	if !run.Open && run.Outcome == "" {
		return Missing
	}
	return Behind
}

// compareEnded compares an enrollment that has ended with its workflow. A workflow
// that is under way finds the end at its next step, one that waits finds it after
// its wait, by the ledger's receipts, and one that is parked or paused never does.
func compareEnded(record *campaign.Record, run *campaign.Run) Kind {
	switch {
	case run == nil || !run.Open || run.Busy:
		return Same
	case record.Status == campaign.Disenrolled:
		return Ended
	case run.Park != nil || run.Status == campaign.Paused:
		return Ahead
	}
	return Same
}

// comparePositions compares a row that has not ended with its workflow. Steps come
// first, then parks: their numbers only ever grow.
func comparePositions(row campaign.Position, run campaign.Run) Kind {
	held := run.Park != nil || run.Status == campaign.Paused
	switch {
	case sends(run.Steps, row.StepIndex, run.StepIndex):
		return Behind
	case row.StepIndex > run.StepIndex:
		return unless(run.Busy && explains(run, row), Ahead)
	case run.LastPark > row.LastPark && run.Park != nil:
		return Parked
	case run.LastPark > row.LastPark:
		return Behind
	case row.LastPark > run.LastPark && (row.Park != nil || run.Park != nil): // else it was over before the workflow heard of it
		return unless(run.Busy, Ahead)
	case row.StepIndex < run.StepIndex: // only waits between them, which end without a word to the row
		return unless(!held, Parked)
	case run.Park != nil && row.Park == nil:
		return unless(run.Busy, Ahead)
	case run.Status == campaign.Paused && row.Status != campaign.Paused:
		return unless(run.Busy, Parked)
	case run.Park == nil && row.Park != nil:
		return unless(run.Busy, Behind)
	case run.Status == campaign.Waiting && row.Status == campaign.Active:
		return unless(run.Busy, Behind)
	}
	return Same
}

func unless(explained bool, kind Kind) Kind {
	if explained {
		return Same
	}
	return kind
}

// sends is true when there is a message between two steps.
func sends(steps []campaign.Plan, from, to int) bool {
	for i := max(0, from); i < min(to, len(steps)); i++ {
		if steps[i].Sends() {
			return true
		}
	}
	return false
}

// explains is true when the end of the step that the workflow is at, which is
// on its way to it, has brought the row to where it is.
func explains(run campaign.Run, row campaign.Position) bool {
	next := campaign.NextAfter(run.Steps, run.StepIndex)
	return !next.Completed && row.StepIndex == next.StepIndex && row.Park == nil && row.Status != campaign.Paused
}

// hears is true when the workflow, in its present state, would have acted on the
// signal had it arrived.
func hears(record *campaign.Record, run *campaign.Run) bool {
	switch {
	case record.Unheard.Kind == campaign.OutboxDisenroll:
		return true
	case record.Status == campaign.Paused:
		return run.Status == campaign.Paused
	}
	return run.Park != nil && record.Park != nil && run.Park.ParkID == record.Park.ParkID
}
