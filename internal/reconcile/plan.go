package reconcile

import (
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Action repairs the difference of one enrollment: with what is written under the
// row's lock, and with what Temporal is asked to do after that.
type Action struct {
	Kind    Kind
	Repair  campaign.Repair
	Restart *campaign.Restart
	// Signal is disenroll or unpause; empty sends none. Run is the one run that it is for; empty is the latest.
	Signal, Run string
	// Left says why the difference cannot be repaired, and what to do instead.
	Left string
}

const recheckNote = "PostgreSQL and Temporal were reconciled: everything is checked again"

// plan decides what repairs an enrollment. receipts are the messages that the
// history of the workflow shows, for the kinds that write them down.
func plan(record *campaign.Record, run *campaign.Run, receipts campaign.Receipts, window Window, now time.Time) Action {
	run = following(record, run)
	action := Action{Kind: compare(record, run)}
	if record != nil && isEarlier(record, run) {
		if action.Kind == Ended { // and not the run that begins when this one has ended
			action.Run = run.RunID
		}
		run = nil // it knows nothing of this round
	}
	switch {
	case record == nil && action.Kind == Unknown:
		return action // its row comes first; see apply.go
	case action.Kind == Unknown:
		action.Left = "its workflow is of an enrollment that PostgreSQL no longer has, perhaps of another person: " +
			"disenroll the contact, or delete the workflow and reconcile again"
		return action
	case record == nil:
		return action
	}
	further, steps := furtherPosition(record, run)
	later := isLater(record, run)
	if later { // none of its messages counts that was sent in a round before
		in := *record
		in.VisitBase = run.VisitBase
		record = &in
	}
	switch action.Kind {
	case Behind, Parked:
		catchUp(&action, *record, *run, receipts, now)
	case Missing:
		if run != nil && (later || wentOn(record, run) || isFurther(record.Position, *run)) {
			catchUp(&action, *record, *run, receipts, now)
		}
		restart(&action, *record, run, further, steps)
	case Ahead:
		restart(&action, *record, run, further, steps)
		if action.Restart != nil {
			action.Restart.Replace = true
		}
	case Unstarted:
		action.Repair.Outbox = &campaign.OutboxEntry{Kind: campaign.OutboxEnroll, By: campaign.Reconciler}
	case Unheard:
		deliverAgain(&action, *record)
	case Ended:
		action.Signal = "disenroll"
	case Same, Unknown, Uncertain, Silent, Numbers: // nothing to do, decided above, or not for one enrollment
	}
	if action.Left == "" {
		action.Repair.Uncertain = append(action.Repair.Uncertain, uncertainSends(window, *record, run, receipts, further, steps, now)...)
	}
	if action.Kind == Same && len(action.Repair.Uncertain) > 0 {
		action.Kind = Uncertain
	}
	return action
}

// planAdopted writes everything that a workflow knows into a row that was made
// again for it, also when it has ended: a contact that is enrolled once more must
// not get every message once more.
func planAdopted(record campaign.Record, run campaign.Run, receipts campaign.Receipts, window Window, now time.Time) Action {
	run = *following(&record, &run)
	record.VisitBase = run.VisitBase // what is behind it was sent in its round
	action := Action{Kind: Unknown}
	catchUp(&action, record, run, receipts, now)
	if !run.Open && run.Outcome == "" {
		restart(&action, record, &run, run.Position, run.Steps)
	}
	action.Repair.Uncertain = append(action.Repair.Uncertain, uncertainSends(window, record, &run, receipts, run.Position, run.Steps, now)...)
	return action
}

// furtherPosition is the enrollment's position in the further of the two, with
// the steps that count: those that its workflow was started with.
func furtherPosition(record *campaign.Record, run *campaign.Run) (campaign.Position, []campaign.Plan) {
	switch {
	case run == nil:
		if record.Follows {
			return record.Position, aligned(record.Steps, record.Position)
		}
		return record.Position, record.Steps
	case isLater(record, run), wentOn(record, run), !record.Status.Ended() && isFurther(record.Position, *run):
		return run.Position, run.Steps
	}
	return record.Position, run.Steps
}

// isFurther is true when the row has to learn from the run, open or not.
func isFurther(row campaign.Position, run campaign.Run) bool {
	if !run.Open {
		run.Busy = false
	}
	kind := comparePositions(row, run)
	return kind == Behind || kind == Parked
}

// catchUp writes into PostgreSQL what the workflow knows.
func catchUp(action *Action, record campaign.Record, run campaign.Run, receipts campaign.Receipts, now time.Time) {
	position := run.Position
	action.Repair.Position, action.Repair.At, action.Repair.Reason = &position, run.ClosedAt, run.Reason
	switch run.Outcome {
	case campaign.Completed:
		position.Status, position.Park, position.StepIndex = campaign.Completed, nil, len(run.Steps)
		for position.StepIndex > 0 && run.Steps[position.StepIndex-1].Kind == campaign.Wait { // a wait at the end is not waited for
			position.StepIndex--
		}
		switch {
		case run.Follows: // its positions count, whatever the steps are by now
			position.StepIndex, position.StepID = run.StepIndex+1, run.StepID
		case position.StepIndex > 0:
			position.StepID = run.Steps[position.StepIndex-1].ID
		}
	case campaign.Disenrolled:
		position.Status, position.Park = campaign.Disenrolled, nil
	case campaign.Active, campaign.Waiting, campaign.InError, campaign.Paused: // no outcome: the run is open, or was cut off
	}
	action.Repair.Sent = passed(record, run, receipts, position.StepIndex, now)
	switch {
	case position.Park != nil && position.Park.Problem.Code.Entry().NeedsAnswer:
		key := campaign.DeliveryKey{StepID: run.StepID, Visit: run.Visit}
		if !record.Knows(key) {
			action.Repair.Uncertain = []campaign.Receipt{{DeliveryKey: key, Kind: run.Steps[run.StepIndex].Kind, At: position.Park.Since}}
		}
	case position.Park != nil && len(position.Park.Problem.Causes) > 0 && position.Park.Problem.Code != failure.EmailAlreadyBounced:
		// The older PostgreSQL may say that the cause is gone, and then no fix of it
		// will come any more (law 3). A bounce is not tried again: the database has
		// lost it together with the park.
		action.Repair.Outbox = &campaign.OutboxEntry{Kind: campaign.OutboxResume, By: campaign.Reconciler, Note: recheckNote}
	case position.Status == campaign.Paused:
		action.Signal = "unpause"
	}
}

// passed are the messages that are behind the workflow and that the ledger does
// not know as sent.
func passed(record campaign.Record, run campaign.Run, receipts campaign.Receipts, until int, now time.Time) []campaign.Receipt {
	var sent []campaign.Receipt
	listed := map[string]bool{}
	for _, receipt := range receipts.Sent {
		if listed[receipt.StepID] = true; !record.WasSent(receipt.StepID) {
			sent = append(sent, receipt)
		}
	}
	for _, step := range run.Steps[:min(until, len(run.Steps))] {
		if !step.Sends() || listed[step.ID] || record.WasSent(step.ID) {
			continue
		}
		sent = append(sent, campaign.Receipt{
			DeliveryKey: campaign.DeliveryKey{StepID: step.ID, Visit: record.LastVisit(step.ID)}, Kind: step.Kind, At: now,
		})
	}
	return sent
}

// restart starts the workflow at a position. Steps that are not pinned by an older
// run are the campaign's own, which may have been edited: the step is found by
// its id.
func restart(action *Action, record campaign.Record, run *campaign.Run, at campaign.Position, steps []campaign.Plan) {
	again := &campaign.Restart{
		EnrollmentKey: record.EnrollmentKey, EnrollmentID: record.EnrollmentID,
		CampaignName: record.CampaignName, ContactName: record.ContactName, Steps: steps, Follows: record.Follows || record.VisitBase > 0, Position: at,
	}
	if run != nil {
		again.Retry, again.Follows = run.Retry, run.Follows
	}
	switch index := indexOf(steps, at); {
	case again.Follows: // its first look says where it goes on
	case at.Status.Ended():
		again.StepIndex = len(steps)
	case index < 0:
		action.Left = "the campaign has no step " + at.StepID + " any more: put it back and reconcile again, or disenroll the contact"
		return
	case index != at.StepIndex:
		again.StepIndex, action.Repair.StepIndex = index, &index
	}
	action.Restart = again
	switch entry := record.Unheard; {
	case entry == nil:
	case entry.Kind == campaign.OutboxDisenroll:
		again.Leave = entry
	case again.Park != nil:
		deliverAgain(action, record)
	}
}

func indexOf(steps []campaign.Plan, at campaign.Position) int {
	if at.StepIndex < len(steps) && steps[at.StepIndex].ID == at.StepID {
		return at.StepIndex
	}
	for i, step := range steps {
		if step.ID == at.StepID {
			return i
		}
	}
	return -1
}

// deliverAgain repeats a signal that never arrived, to this enrollment alone.
func deliverAgain(action *Action, record campaign.Record) {
	entry := *record.Unheard
	switch {
	case entry.Kind == campaign.OutboxDisenroll:
	case record.Status == campaign.Paused:
		action.Signal = "unpause"
		return
	case entry.Kind == campaign.OutboxFix:
		entry = campaign.OutboxEntry{Kind: campaign.OutboxResume, By: entry.By, Note: entry.ResumeNote()}
	}
	action.Repair.Outbox = &entry
}
