package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// WatchEnrollments finds enrollments whose workflow was ended from outside. A
// schedule runs it every minute, apart from WakeContacts: one fix may take hours to
// reach all its contacts, and a watch does not wait for that.
func WatchEnrollments(ctx workflow.Context) (WatchEnrollmentsResult, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: WatchTimeout,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		Summary:             "look for workflows that were ended from outside",
		// A worker of an earlier version does not know the activity: another is asked.
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second, MaximumAttempts: 5},
	})
	var watch *activities.Watch
	var found activities.WatchResult
	err := workflow.ExecuteActivity(ctx, watch.FindEnded).Get(ctx, &found)
	return WatchEnrollmentsResult(found), err
}

// WatchTimeout bounds a watch, and the run that does it: what a worker of an
// earlier version cannot do is begun anew by the schedule.
const WatchTimeout = 5 * time.Minute
