package reconcile

import (
	"time"

	"relance/internal/campaign"
)

// Window is the time of which the ledger knows nothing.
type Window struct {
	// Since is the moment of the backup that PostgreSQL was restored from; zero
	// when it was not.
	Since time.Time
	// Both is true when Temporal was restored as well: what happened since then
	// is known to neither.
	Both bool
}

const (
	// grace is for the clocks of three machines.
	grace = time.Minute
	// staleAttemptLife is how long an attempt can live whose worker was taken for dead:
	// its own StartToClose timeout.
	staleAttemptLife = 30 * time.Minute
)

// uncertainSends are the messages of an enrollment that may have left in the window
// and of which the ledger knows nothing (laws 1 and 4). position is the one that
// the further of PostgreSQL and Temporal knows.
func uncertainSends(window Window, record campaign.Record, run *campaign.Run, receipts campaign.Receipts, position campaign.Position, steps []campaign.Plan, now time.Time) []campaign.Receipt {
	if window.Since.IsZero() || position.Status.Ended() {
		return nil
	}
	since := window.Since.Add(-grace)
	var found []campaign.Receipt
	inTask := triedInTask(position, steps, receipts.CutOff)
	switch {
	case window.Both || run == nil && record.Started:
		found = reachable(record, position, steps, since, now)
	case run == nil:
	case run.Open && run.Pending != nil && position.StepIndex < len(steps) && triedSince(*run.Pending, since):
		found = append(found, campaign.Receipt{
			DeliveryKey: campaign.DeliveryKey{StepID: run.StepID, Visit: run.Visit}, Kind: steps[position.StepIndex].Kind,
		})
	case run.Outcome == "" && len(inTask) > 0 && receipts.CutOff.Add(staleAttemptLife).After(since):
		found = inTask
	case !run.Open && run.Outcome == "" && receipts.Unfinished != nil && run.ClosedAt.After(since):
		found = append(found, *receipts.Unfinished)
	}
	unknown := found[:0]
	for _, one := range found {
		if one.At = now; !record.Knows(one.DeliveryKey) {
			unknown = append(unknown, one)
		}
	}
	return unknown
}

// triedInTask are the messages that the workflow task may have sent that was cut off: that
// of the step, or of the next when the task has come to the end of a wait, and those that
// follow it without a wait. A task goes on through all of them, and a history has none of
// its first tries before it has ended. One that has parked since came no further than its
// step. None when no task was cut off.
func triedInTask(position campaign.Position, steps []campaign.Plan, cutOff time.Time) []campaign.Receipt {
	first := position.VisitBase + 1
	at, visit := position.StepIndex, max(first, position.Visit)
	if at < len(steps) && !steps[at].Sends() && !cutOff.Before(position.NextAt) {
		at, visit = at+1, first
	}
	if cutOff.IsZero() {
		return nil
	}
	var tried []campaign.Receipt
	for ; at < len(steps) && steps[at].Sends(); at, visit = at+1, first {
		tried = append(tried, campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: steps[at].ID, Visit: visit}, Kind: steps[at].Kind})
		if position.Park != nil && position.Park.Since.After(cutOff) {
			break
		}
	}
	return tried
}

// triedSince is true unless every attempt had certainly ended before. The
// failure that is being recorded is the end of an attempt.
func triedSince(pending campaign.Pending, since time.Time) bool {
	ended := pending.EndedAt
	if pending.TimedOut {
		ended = ended.Add(staleAttemptLife)
	}
	return pending.Records || pending.Running || pending.Attempt > 1 && (pending.EndedAt.IsZero() || ended.After(since))
}

// reachable are the messages that could have been sent by now by an enrollment
// whose further course is unknown: those before the first wait that is
// not over yet.
func reachable(record campaign.Record, position campaign.Position, steps []campaign.Plan, since, now time.Time) []campaign.Receipt {
	var found []campaign.Receipt
	at := since
	if position.Status == campaign.Waiting && position.NextAt.After(at) {
		at = position.NextAt
	}
	for i := position.StepIndex; i < len(steps) && !at.After(now); i++ {
		step := steps[i]
		switch {
		case step.Sends():
			visit := record.LastVisit(step.ID)
			if i == position.StepIndex {
				visit = max(visit, position.Visit)
			}
			found = append(found, campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: step.ID, Visit: visit}, Kind: step.Kind})
		case i > position.StepIndex || position.Status != campaign.Waiting:
			at = at.Add(step.Wait)
		}
	}
	return found
}
