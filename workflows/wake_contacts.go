package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// WakeContacts drains the outbox. A schedule runs it every minute, and every
// fix triggers it at once.
func WakeContacts(ctx workflow.Context) (WakeContactsResult, error) {
	ctx = workflow.WithActivityOptions(ctx, drainOptions("signal parked contacts after a fix"))
	var wakes *activities.Wakes
	var woken activities.WakeResult
	err := workflow.ExecuteActivity(ctx, wakes.Wake).Get(ctx, &woken)
	return WakeContactsResult(woken), err
}

// drainOptions assume an activity that keeps its place in PostgreSQL: it can
// be killed at any moment, and its next attempt goes on where it was.
func drainOptions(summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout: 6 * time.Hour,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	}
}
