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
	// straggle is how long an attempt can live whose worker was taken for dead:
	// its own StartToClose timeout.
	straggle = 30 * time.Minute
)

// doubts are the messages of an enrollment that may have left in the window
// and of which the ledger knows nothing (laws 1 and 4). place is where the
// enrollment stands, as the further of the two knows it.
func doubts(window Window, record campaign.Record, run *campaign.Run, receipts campaign.Receipts, place campaign.Standing, steps []campaign.Plan, now time.Time) []campaign.Receipt {
	if window.Since.IsZero() || place.Status.Ended() {
		return nil
	}
	since := window.Since.Add(-grace)
	var found []campaign.Receipt
	switch {
	case window.Both || run == nil && record.Started:
		found = reachable(record, place, steps, since, now)
	case run == nil:
	case run.Open && run.Pending != nil && place.StepIndex < len(steps) && triedSince(*run.Pending, since):
		found = append(found, campaign.Receipt{
			DeliveryKey: campaign.DeliveryKey{StepID: run.StepID, Visit: run.Visit}, Kind: steps[place.StepIndex].Kind,
		})
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

// triedSince is true unless every attempt had certainly ended before. The
// failure that is being recorded is the end of an attempt.
func triedSince(pending campaign.Pending, since time.Time) bool {
	ended := pending.EndedAt
	if pending.TimedOut {
		ended = ended.Add(straggle)
	}
	return pending.Records || pending.Running || pending.Attempt > 1 && (pending.EndedAt.IsZero() || ended.After(since))
}

// reachable are the messages that could have been sent by now by an enrollment
// of which nobody knows how it went on: those before the first wait that is
// not over yet.
func reachable(record campaign.Record, place campaign.Standing, steps []campaign.Plan, since, now time.Time) []campaign.Receipt {
	var found []campaign.Receipt
	at := since
	if place.Status == campaign.Waiting && place.NextAt.After(at) {
		at = place.NextAt
	}
	for i := place.StepIndex; i < len(steps) && !at.After(now); i++ {
		step := steps[i]
		switch {
		case step.Sends():
			visit := record.LastVisit(step.ID)
			if i == place.StepIndex {
				visit = max(visit, place.Visit)
			}
			found = append(found, campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: step.ID, Visit: visit}, Kind: step.Kind})
		case i > place.StepIndex || place.Status != campaign.Waiting:
			at = at.Add(step.Wait)
		}
	}
	return found
}
