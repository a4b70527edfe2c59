package reconcile

import (
	"fmt"
	"strings"

	"relance/internal/campaign"
)

// positionWords is an enrollment's position for a table: `InError at intro
// (ContactHasNoEmail, park 2)`.
func positionWords(at campaign.Position) string {
	text := string(at.Status)
	if at.StepID != "" && !at.Status.Ended() {
		text += " at " + at.StepID
	}
	switch {
	case at.Park != nil:
		text += fmt.Sprintf(" (%s, park %d)", at.Park.Problem.Code, at.Park.ParkID)
	case at.Status == campaign.Waiting:
		text += " until " + at.NextAt.UTC().Format("2006-01-02 15:04Z")
	}
	return text
}

func recordWords(record *campaign.Record) string {
	switch {
	case record == nil:
		return "no enrollment"
	case !record.Started && record.VisitBase > 0:
		return "enrolled again, not started"
	case !record.Started:
		return "never started"
	}
	return positionWords(record.Position)
}

func runWords(run *campaign.Run) string {
	switch {
	case run == nil:
		return "no workflow"
	case run.Outcome == campaign.Disenrolled:
		return "ended as Disenrolled"
	case run.Outcome != "":
		return "ended as " + string(run.Outcome)
	case !run.Open:
		return run.Closed + ", " + positionWords(run.Position)
	}
	return positionWords(run.Position)
}

// repairWords is what --apply does about it.
func repairWords(action Action) string {
	var parts []string
	switch action.Kind {
	case Missing:
		parts = append(parts, "start the workflow again")
	case Ahead:
		parts = append(parts, "start the workflow again at PostgreSQL's position")
	case Unstarted:
		parts = append(parts, "have it started")
	case Behind, Parked:
		parts = append(parts, "write down what the workflow knows")
	case Unknown:
		parts = append(parts, "make the enrollment again and write down what the workflow knows")
	case Unheard:
		parts = append(parts, "signal it again")
	case Ended:
		parts = append(parts, "signal the workflow")
	case Numbers:
		parts = append(parts, "go on counting behind them")
	case Same, Uncertain, Silent: // what is uncertain is added below
	}
	if count := len(action.Repair.Uncertain); count > 0 && action.Kind != Parked {
		parts = append(parts, "mark what was under way as uncertain")
	}
	return strings.Join(parts, "; ")
}
