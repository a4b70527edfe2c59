package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// EnrollContacts starts the workflow of every enrollment of a campaign that
// PostgreSQL lists as not started. Any number of them can be asked for: the
// same run serves them all. Each asks with a signal, so that a run that has had
// its last look when the next enrollments are committed looks once more.
func EnrollContacts(ctx workflow.Context, input EnrollContactsInput) (EnrollContactsResult, error) {
	asked := workflow.GetSignalChannel(ctx, EnrollSignal)
	result := EnrollContactsResult{Started: input.Started}
	for {
		for asked.ReceiveAsync(nil) {
		}
		var starts *activities.Starts
		var started int
		few, err := drainFew(ctx, starts.StartFew, input.CampaignKey)
		if err == nil && few.More {
			err = workflow.ExecuteActivity(drain(ctx, "start the enrollments of "+input.CampaignKey), starts.StartEnrollments, input.CampaignKey).Get(ctx, &started)
		}
		result.Started += few.Done + started
		if err != nil || asked.Len() == 0 {
			return result, err
		}
	}
}

// WakeContacts drains the outbox. A schedule runs it every minute, and every
// fix triggers it at once.
func WakeContacts(ctx workflow.Context) (WakeContactsResult, error) {
	var wakes *activities.Wakes
	var told activities.WakeResult
	few, err := drainFew(ctx, wakes.WakeFew)
	if err == nil && few.More {
		err = workflow.ExecuteActivity(drain(ctx, "tell parked contacts what was fixed"), wakes.Wake).Get(ctx, &told)
	}
	return WakeContactsResult{Signalled: few.Done + told.Signalled}, err
}

// drainFew does a few within this workflow task. What it did not get to, for
// whatever reason, is More; err only when the workflow was cancelled.
func drainFew(ctx workflow.Context, few any, args ...any) (activities.Few, error) {
	const version = "a few within the workflow task"
	if workflow.GetVersion(ctx, version, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return activities.Few{More: true}, nil
	}
	var did activities.Few
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 3 * time.Second, // a workflow task has ten
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	}), few, args...).Get(ctx, &did)
	if err != nil {
		did.More = true
	}
	return did, ctx.Err()
}

// drain assumes an activity that keeps its place in PostgreSQL: it can be
// killed at any moment, and its next attempt goes on where it was.
func drain(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 6 * time.Hour,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
}
