package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
)

// triesFirst says whether the worker of this task does first tries. In a replay it is the
// worker that did the task then: the answer is the same for ever.
func (e *enrollment) triesFirst(ctx workflow.Context) bool {
	if e.input.FirstTry == "" {
		return false
	}
	build := buildOfTask(ctx)
	return build == e.input.FirstTry || strings.HasSuffix(build, FirstTryBuild)
}

// buildOfTask is the build id of the worker that does this task, or did it. The SDK's
// GetCurrentBuildID has it in a replay only: a worker that has replayed a history still
// gets, in its own task, the build of the last task of that history, and a history in
// which the two differ would never replay again.
func buildOfTask(ctx workflow.Context) string {
	info := workflow.GetInfo(ctx)
	if workflow.IsReplaying(ctx) {
		return info.GetCurrentBuildID()
	}
	return info.GetBinaryChecksum()
}

// firstTry tries the step once, as a local activity: one event where an activity is five,
// one transition where it is three. What it leaves has the outcome NeedsActivity: with
// the failure when it was a technical one, and without when the step is slow or is to
// park. The ledger keeps law 1 in every case: a worker that is killed costs the
// workflow task's timeout.
//
// Nothing cancels a first try. It gives up by itself before the gate, and after it the
// answer is waited for, while heartbeats keep the workflow task; a disenrollment that
// arrives meanwhile is seen then.
func (e *enrollment) firstTry(ctx workflow.Context, plan campaign.Plan, attempt campaign.Attempt) (activities.Result, *failure.FailedTry, error) {
	attempt.Retry = e.input.Retry
	disconnected, _ := workflow.NewDisconnectedContext(ctx)
	local := workflow.WithLocalActivityOptions(disconnected, firstTryOptions(plan))
	var result activities.Result
	failed := workflow.ExecuteLocalActivity(local, activityOf(plan), attempt).Get(local, &result)
	switch {
	case ctx.Err() != nil:
		if failed == nil && result.Outcome == activities.Done {
			e.Sent++
		}
		return result, nil, ctx.Err()
	case failed == nil && result.Outcome != activities.NeedsActivity:
		return result, nil, nil
	case e.disenroll != nil: // and nothing was sent
		return activities.Result{}, nil, nil
	case failed == nil:
		return result, nil, nil
	}
	return activities.Result{Outcome: activities.NeedsActivity}, failure.FailedTryFrom(failed), nil
}

// firstTryOptions allow the ten minutes that a mail server may take to answer the final dot
// (RFC 5321 §4.5.3.2.6), with time to write down the answer.
func firstTryOptions(plan campaign.Plan) workflow.LocalActivityOptions {
	return workflow.LocalActivityOptions{
		StartToCloseTimeout: 15 * time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
		Summary:             plan.ID,
	}
}
