package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
)

// deliver tries an email or SMS step until it is done, holding the enrollment
// in between for whatever the attempt found.
func (e *enrollment) deliver(ctx workflow.Context, plan campaign.Plan) (stepResult, error) {
	if e.Park != nil { // carried over from an earlier run
		if end, err := e.awaitResume(ctx); end != stepDone || err != nil {
			return end, err
		}
	}
	for {
		result, parked, err := e.attempt(ctx, plan)
		var end stepResult
		switch {
		case err != nil:
			return stepCancelled, err
		case parked != nil:
			e.park(ctx, *parked)
			end, err = e.awaitResume(ctx)
		case result.Outcome == activities.Done && !e.keepsSteps() && result.Next == nil:
			// A failure was to be recorded, and the message had been sent: the next try says what comes.
		case result.Outcome == activities.Done:
			e.WaitEnds, e.came = result.NextAt, result.Next
			return stepDone, nil
		case result.Outcome == activities.Moved:
			e.came = result.Next
			return stepMoved, nil
		case result.Outcome == activities.Ended:
			return stepAlreadyEnded, nil
		case e.disenroll != nil:
			return stepDisenrolled, nil
		case result.Outcome == activities.Paused:
			end, err = e.awaitUnpause(ctx)
		case result.Outcome == activities.Queued:
			end, err = e.awaitTurn(ctx, result)
		case result.Outcome == activities.Waiting:
			end, err = e.wait(ctx, result.Until, "until the sender may, step "+plan.ID)
		default:
			panic(unknownOutcome(plan, result))
		}
		if end != stepDone || err != nil {
			return end, err
		}
		if e.continueAsNewSuggested(ctx) || e.toFollow() {
			return stepContinueAsNew, nil
		}
	}
}

// unknownOutcome is the panic of a worker that is older than the activity's; see unknownKind.
func unknownOutcome(plan campaign.Plan, result activities.Result) string {
	return fmt.Sprintf("step %s has ended with the outcome %q, which this version of the worker does not know: run one of the version that tried it", plan.ID, result.Outcome)
}

// attempt tries the step: first inside the workflow task, and by an activity, with its
// retries, for whatever that leaves. It returns what came of it, or the park that holds
// the step now; err only when the workflow was cancelled.
func (e *enrollment) attempt(ctx workflow.Context, plan campaign.Plan) (activities.Result, *failure.Parked, error) {
	e.attempting, e.unpaused = true, false
	e.early = slices.DeleteFunc(e.early, func(resume campaign.Resume) bool { return resume.ParkID <= e.ResumedPark })
	defer func() { e.attempting = false }()
	e.Status, e.NextAt = campaign.Active, zeroTime

	attempt, updated := e.attemptOf(plan), e.updated
	attempt.Clock = workflow.Now(ctx)
	e.updated, e.edited = false, e.toFollow()
	// A first try on the word of an update would act before that word is written down: with
	// the worker and the server lost, the park would be closed in PostgreSQL and the
	// enrollment wait at it for ever (law 3).
	if !updated && e.triesFirst(ctx) {
		// Nothing cancels a first try: a disenrollment that has arrived with what has woken this task is read before (law 9).
		if err := e.drain(ctx); err != nil || e.disenroll != nil {
			return activities.Result{}, nil, err
		}
		result, failed, err := e.firstTry(ctx, plan, attempt)
		if err != nil || result.Outcome != activities.NeedsActivity {
			return result, nil, err
		}
		attempt.Failed = failed
	}
	activityCtx, stop := workflow.WithCancel(workflow.WithActivityOptions(ctx, e.sendOptions(plan)))
	future := workflow.ExecuteActivity(activityCtx, activityOf(plan), attempt)
	if err := workflow.Await(ctx, func() bool { return future.IsReady() || e.disenroll != nil }); err != nil {
		// Cancelled, and the activity with it: wait for what it has to say.
		var result activities.Result
		disconnected, _ := workflow.NewDisconnectedContext(ctx)
		if future.Get(disconnected, &result) == nil && result.Outcome == activities.Done {
			e.Sent++
		}
		return result, nil, err
	}
	if !future.IsReady() { // disenrolled: before the dot the activity stops, after it it waits for the answer
		stop()
	}
	var result activities.Result
	err := future.Get(ctx, &result)
	switch {
	case err == nil:
		return result, nil, nil
	case ctx.Err() != nil:
		return result, nil, ctx.Err()
	case e.disenroll != nil:
		return result, nil, nil
	}
	if parked, ok := failure.ParkedFrom(err); ok {
		return result, &parked, nil
	}
	return e.record(ctx, attempt, failure.ProblemFrom(err))
}

// record writes down a failure that no claim has recorded. The ledger may know better.
func (e *enrollment) record(ctx workflow.Context, attempt campaign.Attempt, problem failure.Problem) (activities.Result, *failure.Parked, error) {
	ctx = workflow.WithActivityOptions(ctx, recordOptions("record why step "+attempt.StepID+" failed"))
	var recorded activities.RecordFailureResult
	var records *activities.Records
	err := workflow.ExecuteActivity(ctx, records.RecordFailure, activities.RecordFailureInput{Attempt: attempt, Problem: problem}).Get(ctx, &recorded)
	if err != nil {
		return activities.Result{}, nil, err
	}
	if recorded.Parked != nil {
		return activities.Result{}, recorded.Parked, nil
	}
	return activities.Result{Outcome: activities.Done}, nil, nil
}

func (e *enrollment) attemptOf(plan campaign.Plan) campaign.Attempt {
	attempt := campaign.Attempt{
		EnrollmentID: e.input.EnrollmentID, CampaignKey: e.input.CampaignKey, ContactID: e.input.ContactID,
		StepID: plan.ID, StepIndex: e.StepIndex, Visit: e.Visit,
		ResumedPark: e.ResumedPark, Resume: e.Resume,
		Due: e.Due, Tried: e.Tried, Turn: e.used,
	}
	if e.keepsSteps() {
		attempt.Next = campaign.NextAfter(e.input.Steps, e.StepIndex)
	} else {
		attempt.Follows, attempt.Version, attempt.Kind = true, e.Next.Version, plan.Kind
	}
	return attempt
}

// activityOf is the activity that does the step. The kinds are exhaustive; see unknownKind.
func activityOf(plan campaign.Plan) string {
	switch plan.Kind {
	case campaign.Email:
		return SendEmailActivity
	case campaign.SMS:
		return SendSMSActivity
	case campaign.Wait: // is waited for, in wait.go
	}
	panic(unknownKind(plan))
}

// sendOptions assume that an attempt records heartbeats while it lives. Thirty minutes is
// above the ten that a mail server may take to answer the final dot (RFC 5321
// §4.5.3.2.6), with time to wait for a free connection of a busy account before.
func (e *enrollment) sendOptions(plan campaign.Plan) workflow.ActivityOptions {
	retry := e.input.Retry
	return workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Minute,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		WaitForCancellation: true,
		Summary:             plan.ID, // the Web UI has SendEmail or SendSMS beside it
		// One fix may wake fifty thousand: they take their turn behind the steps that are due.
		Priority:              priorityOf(e.Resume),
		DisableEagerExecution: e.Resume != nil,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: retry.Delay(e.Tried + 1), BackoffCoefficient: retry.Factor, // it goes on where it was
			MaximumInterval: retry.Max, MaximumAttempts: attemptsLeft(retry.Attempts, e.Tried),
		},
	}
}

// attemptsLeft is how many attempts a retry still allows, one at least; 0 is no limit.
func attemptsLeft(of, tried int) int32 {
	if of == 0 {
		return 0
	}
	return int32(max(1, of-tried))
}

// yields is the priority of steps that are tried again; all others have 3.
const yields = 4

func priorityOf(resume *campaign.Resume) temporal.Priority {
	if resume == nil {
		return temporal.Priority{} // the workflow's own: its campaign's fair share
	}
	return temporal.Priority{PriorityKey: yields}
}

// recordOptions assume one short transaction. It is tried until it succeeds:
// what is not recorded does not exist for the operators.
func recordOptions(summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	}
}
