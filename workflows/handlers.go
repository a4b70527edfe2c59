package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
	"relance/internal/plaintext"
)

// handle registers the signals, updates and queries of an enrollment, before
// anything is done. Signals are read by coroutines of their own, in the order
// of their arrival.
func (e *enrollment) handle(ctx workflow.Context) error {
	err := workflow.SetQueryHandlerWithOptions(ctx, EnrollmentQuery, func() (State, error) { return e.State, nil },
		workflow.QueryHandlerOptions{Description: "The whole state of this enrollment: step, status, open park, what is remembered."})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, ResumeUpdate,
		func(_ workflow.Context, resume campaign.Resume) (State, error) {
			e.onResume(resume)
			e.updated = true
			return e.State, nil
		},
		workflow.UpdateHandlerOptions{
			Validator:   func(resume campaign.Resume) error { return e.refusal(resume) },
			Description: "Resume the contact that is in error, or get the reason at once why it cannot be. Payload: {parkId?, fixId?, by?, note?, assume?: sent|not-sent}.",
		})
	if err != nil {
		return err
	}
	ResumeSignal.Listen(ctx, "Go on from the step that is in error. Payload, may be left out: {parkId?, fixId?, by?, note?, assume?: sent|not-sent}.", e.onResume)
	UnpauseSignal.Listen(ctx, "The campaign goes on: try the paused step.", func(None) { e.onUnpause() })
	TurnSignal.Listen(ctx, "The enrollment may send now: its sender's line has given it the turn. Payload: {turn}.", e.onTurn)
	EditedSignal.Listen(ctx, "The campaign was edited: look what comes next.", func(None) { e.onEdited() })
	ContinueSignal.Listen(ctx, "The contact is taken on after its last step: do not end. Payload: what to look at next.", e.onContinue)
	DisenrollSignal.Listen(ctx, "Take the contact out of the campaign. Payload, may be left out: {reason?, by?}.", e.onDisenroll)
	return nil
}

// drain has the listeners read what has arrived, before a run ends. A signal of
// this very task is not in its channel any more but in the hands of its
// listener, which has not had its turn when the run decides to end. So every
// coroutine is given one: the last to begin is the last to have it. Otherwise
// the signal would end with the run, and would not be sent again (law 3).
func (e *enrollment) drain(ctx workflow.Context) error {
	turned := false
	workflow.Go(ctx, func(workflow.Context) { turned = true })
	return workflow.Await(ctx, func() bool { return turned })
}

func (e *enrollment) onUnpause() { e.unpaused = true }

func (e *enrollment) onDisenroll(request Disenroll) {
	if e.disenroll == nil {
		request.Reason, request.By = plaintext.Line(request.Reason, plaintext.Note), plaintext.Line(request.By, plaintext.Name)
		e.disenroll = &request
	}
}
