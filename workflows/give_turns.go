package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// GiveTurns gives the turns of all accounts that have a pace, by one activity that lasts
// for hours. It goes on as a new run when that ends; a schedule starts one where none runs.
func GiveTurns(ctx workflow.Context) error {
	options := drainOptions("give each account's next turn when its moment comes")
	options.HeartbeatTimeout = activities.GiverTimeout
	// Every line stands until the next giver is at work: how many workers have ended within these
	// hours, stopped or killed, makes no difference.
	options.RetryPolicy = &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1}
	ctx = workflow.WithActivityOptions(ctx, options)
	var turns *activities.Turns
	if err := workflow.ExecuteActivity(ctx, turns.GiveTurns).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, GiveTurnsType)
}
