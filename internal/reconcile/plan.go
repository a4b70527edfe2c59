package reconcile

import (
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Action is what mends the difference of one enrollment: what is written under
// the row's lock, and what Temporal is told after that.
type Action struct {
	Kind    Kind
	Mend    campaign.Mend
	Restart *campaign.Restart
	// Tell is a signal, disenroll or unpause; empty tells nothing.
	Tell string
	// Left says why the difference cannot be mended, and what to do instead.
	Left string
}

const recheckNote = "PostgreSQL and Temporal were reconciled: everything is checked again"

// plan decides what mends an enrollment. receipts is what the history of the
// workflow tells of its messages, for the kinds that write it down.
func plan(record *campaign.Record, run *campaign.Run, receipts campaign.Receipts, window Window, now time.Time) Action {
	action := Action{Kind: compare(record, run)}
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
	further, steps := place(record, run)
	switch action.Kind {
	case Behind, Parked:
		catchUp(&action, *record, *run, receipts, now)
	case Missing:
		if run != nil && isFurther(record.Standing, *run) {
			catchUp(&action, *record, *run, receipts, now)
		}
		restart(&action, *record, run, further, steps)
	case Ahead:
		restart(&action, *record, run, further, steps)
		if action.Restart != nil {
			action.Restart.Replace = true
		}
	case Unstarted:
		action.Mend.Ask = &campaign.OutboxEntry{Kind: campaign.OutboxEnroll, By: campaign.Reconciler}
	case Unheard:
		tellAgain(&action, *record)
	case Ended:
		action.Tell = "disenroll"
	case Same, Unknown, Doubt, Silent, Numbers: // nothing to do, decided above, or not for one enrollment
	}
	if action.Left == "" {
		action.Mend.Doubted = append(action.Mend.Doubted, doubts(window, *record, run, receipts, further, steps, now)...)
	}
	if action.Kind == Same && len(action.Mend.Doubted) > 0 {
		action.Kind = Doubt
	}
	return action
}

// planAdopted writes everything that a workflow knows into a row that was made
// again for it, also when it has ended: whoever is enrolled once more must not
// get everything once more.
func planAdopted(record campaign.Record, run campaign.Run, receipts campaign.Receipts, window Window, now time.Time) Action {
	action := Action{Kind: Unknown}
	catchUp(&action, record, run, receipts, now)
	if !run.Open && run.Outcome == "" {
		restart(&action, record, &run, run.Standing, run.Steps)
	}
	action.Mend.Doubted = append(action.Mend.Doubted, doubts(window, record, &run, receipts, run.Standing, run.Steps, now)...)
	return action
}

// place is where the enrollment stands as the further of the two knows it, with
// the steps that count: those that its workflow was started with.
func place(record *campaign.Record, run *campaign.Run) (campaign.Standing, []campaign.Plan) {
	switch {
	case run == nil:
		return record.Standing, record.Steps
	case !record.Status.Ended() && isFurther(record.Standing, *run):
		return run.Standing, run.Steps
	}
	return record.Standing, run.Steps
}

// isFurther is true when the row has to learn from the run, open or not.
func isFurther(row campaign.Standing, run campaign.Run) bool {
	if !run.Open {
		run.Busy = false
	}
	kind := comparePlaces(row, run)
	return kind == Behind || kind == Parked
}

// catchUp writes into PostgreSQL what the workflow knows.
func catchUp(action *Action, record campaign.Record, run campaign.Run, receipts campaign.Receipts, now time.Time) {
	stand := run.Standing
	action.Mend.Stand, action.Mend.At, action.Mend.Reason = &stand, run.ClosedAt, run.Reason
	switch run.Outcome {
	case campaign.Completed:
		stand.Status, stand.Park, stand.StepIndex = campaign.Completed, nil, len(run.Steps)
		for stand.StepIndex > 0 && run.Steps[stand.StepIndex-1].Kind == campaign.Wait { // which nobody waits for
			stand.StepIndex--
		}
		if stand.StepIndex > 0 {
			stand.StepID = run.Steps[stand.StepIndex-1].ID
		}
	case campaign.Disenrolled:
		stand.Status, stand.Park = campaign.Disenrolled, nil
	case campaign.Active, campaign.Waiting, campaign.InError, campaign.Paused: // no outcome: the run is open, or was cut off
	}
	action.Mend.Sent = passed(record, run, receipts, stand.StepIndex, now)
	switch {
	case stand.Park != nil && stand.Park.Problem.Code.Entry().NeedsAnswer:
		key := campaign.DeliveryKey{StepID: run.StepID, Visit: run.Visit}
		if !record.Knows(key) {
			action.Mend.Doubted = []campaign.Receipt{{DeliveryKey: key, Kind: run.Steps[run.StepIndex].Kind, At: stand.Park.Since}}
		}
	case stand.Park != nil && len(stand.Park.Problem.Causes) > 0 && stand.Park.Problem.Code != failure.EmailAlreadyBounced:
		// The older PostgreSQL may say that the cause is gone, and then nobody will
		// fix it any more (law 3). A bounce is not tried again: the database has
		// lost it together with the park.
		action.Mend.Ask = &campaign.OutboxEntry{Kind: campaign.OutboxResume, By: campaign.Reconciler, Note: recheckNote}
	case stand.Status == campaign.Paused:
		action.Tell = "unpause"
	}
}

// passed are the messages that are behind the workflow and that the ledger does
// not know as sent.
func passed(record campaign.Record, run campaign.Run, receipts campaign.Receipts, until int, now time.Time) []campaign.Receipt {
	var sent []campaign.Receipt
	told := map[string]bool{}
	for _, receipt := range receipts.Sent {
		if told[receipt.StepID] = true; !record.WasSent(receipt.StepID) {
			sent = append(sent, receipt)
		}
	}
	for _, step := range run.Steps[:min(until, len(run.Steps))] {
		if !step.Sends() || told[step.ID] || record.WasSent(step.ID) {
			continue
		}
		sent = append(sent, campaign.Receipt{
			DeliveryKey: campaign.DeliveryKey{StepID: step.ID, Visit: record.LastVisit(step.ID)}, Kind: step.Kind, At: now,
		})
	}
	return sent
}

// restart starts the workflow at a place. Steps that are not pinned by an older
// run are the campaign's own, which may have been edited: the step is found by
// its id.
func restart(action *Action, record campaign.Record, run *campaign.Run, at campaign.Standing, steps []campaign.Plan) {
	again := &campaign.Restart{
		EnrollmentKey: record.EnrollmentKey, EnrollmentID: record.EnrollmentID,
		CampaignName: record.CampaignName, ContactName: record.ContactName, Steps: steps, Standing: at,
	}
	if run != nil {
		again.Retry = run.Retry
	}
	switch index := indexOf(steps, at); {
	case at.Status.Ended():
		again.StepIndex = len(steps)
	case index < 0:
		action.Left = "the campaign has no step " + at.StepID + " any more: put it back and reconcile again, or disenroll the contact"
		return
	case index != at.StepIndex:
		again.StepIndex, action.Mend.StepIndex = index, &index
	}
	action.Restart = again
	switch told := record.Unheard; {
	case told == nil:
	case told.Kind == campaign.OutboxDisenroll:
		again.Leave = told
	case again.Park != nil:
		tellAgain(action, record)
	}
}

func indexOf(steps []campaign.Plan, at campaign.Standing) int {
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

// tellAgain repeats what was told and not heard, to this enrollment alone.
func tellAgain(action *Action, record campaign.Record) {
	told := *record.Unheard
	switch {
	case told.Kind == campaign.OutboxDisenroll:
	case record.Status == campaign.Paused:
		action.Tell = "unpause"
		return
	case told.Kind == campaign.OutboxFix:
		told = campaign.OutboxEntry{Kind: campaign.OutboxResume, By: told.By, Note: told.ResumeNote()}
	}
	action.Mend.Ask = &told
}
