package workflows

import (
	"go.temporal.io/sdk/workflow"

	"relance/activities"
)

// GiveTurns gives the turns of all accounts that have a pace, by one activity that lasts
// for hours. It goes on as a new run when that ends; a schedule starts one where none runs.
func GiveTurns(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, drainOptions("give each account's next turn when its moment comes"))
	var turns *activities.Turns
	if err := workflow.ExecuteActivity(ctx, turns.GiveTurns).Get(ctx, nil); err != nil {
		return err
	}
	return workflow.NewContinueAsNewError(ctx, GiveTurnsType)
}
