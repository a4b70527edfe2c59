package workflows

import (
	"fmt"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
)

// Enrollment takes one contact through the steps of one campaign.
//
// A step that cannot be done parks here, in error, and goes on from the same
// step when it is resumed; see park.go. Everything but cancellation parks: an
// enrollment fails only when it is cancelled, and is then recorded as
// disenrolled.
func Enrollment(ctx workflow.Context, input EnrollmentInput) (EnrollmentResult, error) {
	e := newEnrollment(ctx, input)
	if err := e.handle(ctx); err != nil {
		return EnrollmentResult{}, err
	}
	return e.run(ctx)
}

// enrollment is the running enrollment: its serialisable State, and what only
// this run knows.
type enrollment struct {
	State
	input EnrollmentInput
	log   log.Logger

	// attempting is true while the step is tried, inside the task or by an activity. A resume or an
	// unpause that arrives then is kept until the activity has said how it ended,
	// and so is the resume of a park that is still to be heard of; see isEarly.
	attempting bool
	early      []campaign.Resume
	// accepted is the resume that ends the open park.
	accepted  *campaign.Resume
	unpaused  bool
	disenroll *Disenroll
	// turn is the number of a turn that the enrollment was signalled of and has not used. A run
	// that continues as new tries the step again, and learns its place from the line.
	turn int64
	// used is the number of the turn with which the step is tried.
	used int64
	// updated is true from an update on until the next try. Unlike a signal, an update is
	// in no history before the task that reads it has been completed.
	updated bool
	// edited is true from a signal of an edit on until the next try, and came is what that
	// try has said to come next.
	edited bool
	came   *campaign.Next
	// onward is where the enrollment goes on when it would end; see taken_on.go.
	onward *campaign.Next
}

func newEnrollment(ctx workflow.Context, input EnrollmentInput) *enrollment {
	e := &enrollment{input: input, log: workflow.GetLogger(ctx)}
	if input.State != nil {
		e.State = *input.State
		e.accepted, e.disenroll = e.Early, e.Leaving
		if e.Park == nil && e.Early != nil { // it is for a park that is still to be heard of
			e.accepted, e.early = nil, []campaign.Resume{*e.Early}
		}
		e.edited, e.onward = e.Edited, e.Onward
		e.Early, e.Leaving, e.Edited, e.Onward = nil, nil, false, nil
	} else {
		e.State = State{Status: campaign.Active, Visit: 1}
		if input.First != nil {
			first := *input.First
			e.Next, e.Visit = &first, first.FirstVisit()
		}
		e.Published, e.PublishedStep = publishedAtStart(ctx)
	}
	return e
}

// run is the loop over the steps with which the enrollment was started. Only those of
// releases before carry them; see follow.
func (e *enrollment) run(ctx workflow.Context) (EnrollmentResult, error) {
	if !e.keepsSteps() {
		return e.follow(ctx)
	}
	e.describe(ctx)
	for {
		next := campaign.NextAfter(e.input.Steps, e.StepIndex-1)
		if next.Completed {
			if result, ended, err := e.end(ctx); ended {
				return result, err
			}
			return e.follow(ctx)
		}
		e.StepID = e.input.Steps[e.StepIndex].ID
		end, err := e.step(ctx, e.input.Steps[e.StepIndex])
		switch {
		case end == stepCancelled:
			return e.cancel(ctx, err)
		case err != nil:
			return EnrollmentResult{}, err
		case end == stepDone:
			e.advance(ctx)
		case end == stepAlreadyEnded:
			return e.result(campaign.Disenrolled), nil
		case end == stepContinueAsNew:
			return e.continueAsNew(ctx)
		}
		if e.disenroll != nil && !campaign.NextAfter(e.input.Steps, e.StepIndex-1).Completed {
			return e.leave(ctx)
		}
		if over := campaign.NextAfter(e.input.Steps, e.StepIndex-1).Completed; !over && e.continueAsNewSuggested(ctx) || e.toFollow() {
			return e.continueAsNew(ctx)
		}
	}
}

// stepResult is how a step has ended.
type stepResult int

const (
	stepDone          stepResult = iota
	stepMoved                    // an edit has another step come next
	stepDisenrolled              // disenrolled in the middle of it
	stepAlreadyEnded             // PostgreSQL says that the enrollment has ended already
	stepContinueAsNew            // the history is long: continue as new, at this step
	stepCancelled
)

func (e *enrollment) step(ctx workflow.Context, plan campaign.Plan) (stepResult, error) {
	switch plan.Kind {
	case campaign.Wait:
		return e.wait(ctx, e.endOf(ctx, plan), "wait "+plan.ID)
	case campaign.Email, campaign.SMS:
		return e.deliver(ctx, plan)
	}
	panic(unknownKind(plan))
}

// unknownKind is the panic of a worker that is older than the enrollment. It fails
// the workflow task and not the workflow: the server gives the task out again, until
// a worker that knows the kind has it. Nothing is skipped, and nothing is mailed.
func unknownKind(plan campaign.Plan) string {
	return fmt.Sprintf("step %s is of the kind %q, which this version of the worker does not know: run one of the version that started the enrollment", plan.ID, plan.Kind)
}

// advance goes to the next step. What the last one published of its error is
// cleared now that it has succeeded.
func (e *enrollment) advance(ctx workflow.Context) {
	if e.input.Steps[e.StepIndex].Sends() {
		e.Sent++
		e.Due = zeroTime
	} else {
		e.Due, e.WaitEnds = e.NextAt, zeroTime
	}
	e.StepIndex++ // it only grows: see campaign.Attempt.StepIndex
	e.Visit, e.Resume, e.Tried, e.turn, e.used = 1, nil, 0, 0, 0
	e.Status, e.NextAt = campaign.Active, zeroTime
	e.clearError(ctx)
}

// end ends an enrollment that has done its last step, unless it goes on; see takenOn.
func (e *enrollment) end(ctx workflow.Context) (result EnrollmentResult, ended bool, err error) {
	switch {
	case !e.takenOn(ctx):
		result, err = e.complete(ctx)
	case e.disenroll != nil:
		result, err = e.leave(ctx)
	default:
		return result, false, nil
	}
	return result, true, err
}

func (e *enrollment) complete(ctx workflow.Context) (EnrollmentResult, error) {
	if e.Published != campaign.Active {
		e.publish(ctx, campaign.Completed)
	}
	return e.result(campaign.Completed), nil
}

func (e *enrollment) result(status campaign.Status) EnrollmentResult {
	result := EnrollmentResult{Status: status, Sent: e.Sent, Parks: e.Parks}
	if status == campaign.Disenrolled && e.disenroll != nil {
		result.Reason = e.disenroll.Reason
	}
	return result
}
