package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
)

// follow is the loop of an enrollment that follows its campaign as it is now: what comes next
// is said by the transaction that settles a step, or that finds another one instead of it.
// Nothing of the campaign is reckoned here, so an edit changes no replay.
func (e *enrollment) follow(ctx workflow.Context) (EnrollmentResult, error) {
	e.describe(ctx)
	for {
		if e.Next.Completed {
			if result, ended, err := e.end(ctx); ended {
				return result, err
			}
		}
		end, err := e.nextStep(ctx)
		switch {
		case end == stepCancelled:
			return e.cancel(ctx, err)
		case err != nil:
			return EnrollmentResult{}, err
		case end == stepDone:
			e.Sent++
			e.goOn(ctx)
		case end == stepMoved:
			e.goOn(ctx)
		case end == stepAlreadyEnded:
			return e.result(campaign.Disenrolled), nil
		case end == stepContinueAsNew:
			return e.continueAsNew(ctx)
		}
		if e.disenroll != nil && !e.Next.Completed {
			return e.leave(ctx)
		}
		if !e.Next.Completed && e.continueAsNewSuggested(ctx) {
			return e.continueAsNew(ctx)
		}
	}
}

// nextStep waits for what comes next, if that is to be waited for, and does it.
func (e *enrollment) nextStep(ctx workflow.Context) (stepResult, error) {
	if e.Next.WaitStep != "" {
		e.StepID, e.StepIndex = e.Next.Stands()
		until := e.Next.At
		if until.IsZero() {
			until = workflow.Now(ctx).Add(e.Next.Wait)
		}
		if end, err := e.wait(ctx, until, "wait "+e.StepID); end != stepDone || err != nil {
			return end, err
		}
		if e.Due = e.NextAt; e.edited && workflow.Now(ctx).Before(e.NextAt) {
			e.Due, e.Next.Version = zeroTime, 0 // the wait is not over: whatever the version, look whether it is now
		}
		e.Next.WaitStep, e.Status, e.NextAt = "", campaign.Active, zeroTime
	}
	e.StepID, e.StepIndex = e.Next.StepID, e.Next.StepIndex
	return e.deliver(ctx, campaign.Plan{ID: e.Next.StepID, Kind: e.Next.Kind})
}

// goOn takes what was said to come next. What the step before has published of its error is
// cleared: it is left behind.
func (e *enrollment) goOn(ctx workflow.Context) {
	if e.came.StepID != e.Next.StepID {
		e.Visit = e.came.FirstVisit()
	}
	e.Next, e.came = e.came, nil
	e.Resume, e.Tried, e.turn, e.used, e.Due = nil, 0, 0, 0, zeroTime
	if e.Next.WaitStep == "" {
		e.Due = e.Next.At
	}
	e.Status, e.NextAt = campaign.Active, zeroTime
	if !e.Next.Completed {
		e.StepID, e.StepIndex = e.Next.Stands()
	}
	if e.clearDetails(ctx) && !e.Next.Completed && e.Next.WaitStep == "" {
		e.publish(ctx, campaign.Active)
	}
}

// followsFrom is what an enrollment that keeps the steps with which it was started begins to
// follow its campaign with: the message that it stands before, whether it is due or not. No campaign has
// version 0, so its first try looks.
func (e *enrollment) followsFrom() *campaign.Next {
	for i, plan := range e.input.Steps[min(e.StepIndex, len(e.input.Steps)):] {
		if plan.Sends() {
			return &campaign.Next{StepID: plan.ID, Kind: plan.Kind, StepIndex: e.StepIndex + i}
		}
	}
	return &campaign.Next{Completed: true}
}

// beginToFollow is the input of the next run of an enrollment that was signalled of an edit
// and keeps the steps with which it was started. One that is parked or paused goes on being so.
func (e *enrollment) beginToFollow(input *EnrollmentInput) {
	next := e.followsFrom()
	input.First, input.State.Next = next, next
	input.Steps = FollowSteps(next.StepID)
	if input.State.Park == nil {
		input.State.Status, input.State.NextAt = campaign.Active, zeroTime
	}
	input.State.StepID, input.State.StepIndex, input.State.WaitEnds = next.StepID, next.StepIndex, zeroTime
}

// keepsSteps is true of an enrollment that goes by the steps with which it was started.
func (e *enrollment) keepsSteps() bool { return e.Next == nil }

// toFollow is true when such an enrollment was signalled of an edit: it continues as new, as
// one that follows.
func (e *enrollment) toFollow() bool { return e.edited && e.keepsSteps() }

func (e *enrollment) onEdited() { e.edited = true }
