package workflows

import (
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/plaintext"
)

// park is the one place that puts a contact in error. PostgreSQL has recorded
// the park already; here it becomes visible in the Web UI, and a resume that
// came while the park was on its way is honoured.
func (e *enrollment) park(ctx workflow.Context, parked failure.Parked) {
	e.Park, e.accepted = &parked, nil
	e.Status = campaign.InError
	e.Parks++
	e.publish(ctx, campaign.InError)
	e.describe(ctx)
	e.log.Warn("in error", "step", e.StepID, "code", parked.Problem.Code, "park", parked.ParkID)
	early := e.early
	e.early = nil
	for _, resume := range early {
		e.onResume(resume)
	}
}

// awaitResume is the one place that waits for a fix. stepDone means: try the
// step again.
func (e *enrollment) awaitResume(ctx workflow.Context) (stepResult, error) {
	if err := workflow.Await(ctx, func() bool {
		return e.accepted != nil || e.disenroll != nil || e.continueAsNewSuggested(ctx) || e.toFollow()
	}); err != nil {
		return stepCancelled, err
	}
	switch {
	case e.disenroll != nil:
		return stepDisenrolled, nil
	case e.accepted == nil:
		return stepContinueAsNew, nil
	}
	e.Resume, e.accepted = e.accepted, nil
	// PostgreSQL may have counted this very park further; the resume says how far.
	e.ResumedPark, e.Park = max(e.Park.ParkID, e.Resume.ParkID), nil
	e.Status, e.Tried = campaign.Active, 0 // the retry begins anew, whether it has waited for turns or not
	if e.Resume.Assume == campaign.AssumeNotSent {
		e.Visit++
	}
	e.log.Info("resumed", "step", e.StepID, "park", e.ResumedPark, "by", e.Resume.By, "fix", e.Resume.FixID)
	return stepDone, nil
}

// awaitUnpause holds the step while the campaign is paused. An unpause that
// came while the pause was on its way is honoured: the step looks again.
func (e *enrollment) awaitUnpause(ctx workflow.Context) (stepResult, error) {
	if e.unpaused {
		return stepDone, nil
	}
	e.Status = campaign.Paused
	e.publish(ctx, campaign.Paused)
	if err := workflow.Await(ctx, func() bool { return e.unpaused || e.disenroll != nil || e.toFollow() }); err != nil {
		return stepCancelled, err
	}
	if e.disenroll != nil {
		return stepDisenrolled, nil
	}
	return stepDone, nil
}

// onResume decides what a resume is worth: it ends the open park, is kept for
// a park that is on its way, or is stale and dropped.
func (e *enrollment) onResume(resume campaign.Resume) {
	resume.By, resume.Note = plaintext.Line(resume.By, plaintext.Name), plaintext.Text(resume.Note, plaintext.Note)
	switch {
	case e.Park != nil && e.accepted == nil && e.refusal(resume) == nil:
		e.accepted = &resume
		e.remember(resume.FixID)
	case e.Park == nil && e.isEarly(resume) && len(e.early) < maxEarly:
		e.early = append(e.early, resume)
	default:
		e.StaleResumes++
		e.log.Info("a resume was dropped", "park", resume.ParkID, "fix", resume.FixID, "by", resume.By)
	}
}

// isEarly is true for a resume of a park that PostgreSQL may know before this
// workflow does: one that is numbered above all parks that were resumed, or one
// without a number while the step is tried. An answer without a number is for
// the uncertain delivery that a person has looked at, never for one that is still to come:
// said twice by mistake, it would have the message sent again (laws 1 and 4).
func (e *enrollment) isEarly(resume campaign.Resume) bool {
	if resume.ParkID == 0 {
		return e.attempting && resume.Assume == ""
	}
	return resume.ParkID > e.ResumedPark
}

// maxEarly bounds what is kept for a park that is on its way, maxSeenFixes what is
// remembered to make a repeated fix count once.
const (
	maxEarly     = 16
	maxSeenFixes = 16
)

func (e *enrollment) remember(fixID string) {
	if fixID == "" {
		return
	}
	e.SeenFixes = append(e.SeenFixes, fixID)
	if extra := len(e.SeenFixes) - maxSeenFixes; extra > 0 {
		e.SeenFixes = e.SeenFixes[extra:]
	}
}

// refusal says why a resume does not end the open park; nil when it does. A
// park number above the open one is PostgreSQL's newer count of this very
// park, and is welcome.
func (e *enrollment) refusal(resume campaign.Resume) error {
	refuse := func(text string) error {
		return temporal.NewApplicationErrorWithOptions(text, "ResumeRefused", temporal.ApplicationErrorOptions{NonRetryable: true})
	}
	switch {
	case e.Park == nil && e.attempting:
		return refuse("the step is being tried right now, so there is nothing to resume")
	case e.Park == nil:
		return refuse("the contact is not in error (it is " + string(e.Status) + "), so there is nothing to resume")
	case e.accepted != nil: // by an update, or a signal, of this very task
		return refuse("it has just been resumed")
	case resume.ParkID != 0 && resume.ParkID < e.Park.ParkID:
		return refuse("that park has been resumed already; the contact has been parked again since")
	case resume.FixID != "" && slices.Contains(e.SeenFixes, resume.FixID):
		return refuse("this fix has been counted already")
	}
	needsAnswer := e.Park.Problem.Code.Entry().NeedsAnswer
	answered := resume.Assume == campaign.AssumeSent || resume.Assume == campaign.AssumeNotSent
	switch {
	case needsAnswer && !answered:
		return refuse("nobody knows whether the message was sent: say `assume` sent or not-sent")
	case !needsAnswer && resume.Assume != "":
		return refuse("`assume` is for DeliveryUncertain only; this is " + string(e.Park.Problem.Code))
	}
	return nil
}
