package reconcile

import (
	"slices"

	"relance/internal/campaign"
)

// aligned is a list of steps for an enrollment that follows its campaign: its positions count,
// and where no edit has moved it they are those of the campaign's steps. Where one has, the
// list is laid so that the step at which it stands has its position. What was before that is
// not known to the step, and not needed: the ledger says what was sent.
func aligned(steps []campaign.Plan, at campaign.Position) []campaign.Plan {
	if at.StepIndex < len(steps) && steps[at.StepIndex].ID == at.StepID || at.Status.Ended() {
		return steps
	}
	stands := slices.IndexFunc(steps, func(step campaign.Plan) bool { return step.ID == at.StepID })
	rest := []campaign.Plan{{ID: at.StepID, Kind: kindOf(at)}} // it was removed: what follows it is not known
	if stands >= 0 {
		rest = steps[stands:]
	}
	before := make([]campaign.Plan, at.StepIndex)
	for i := range before {
		before[i].Kind = campaign.Wait
	}
	return append(before, rest...)
}

// kindOf guesses what a step does that the campaign does not have any more: one that waits
// until a time is at a wait, and else it was most likely an email.
func kindOf(at campaign.Position) campaign.Kind {
	if at.Status == campaign.Waiting && !at.NextAt.IsZero() {
		return campaign.Wait
	}
	return campaign.Email
}

// following is a run with the steps that it goes by, when it follows its campaign.
func following(record *campaign.Record, run *campaign.Run) *campaign.Run {
	if record == nil || run == nil || !run.Follows {
		return run
	}
	with := *run
	with.Steps = aligned(record.Steps, run.Position)
	return &with
}
