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
//
// A few enrollments are started within the first workflow task, without an
// activity. Should there be more to do, it is a run of its own.
func EnrollContacts(ctx workflow.Context, input EnrollContactsInput) (EnrollContactsResult, error) {
	asked := EnrollSignal.Channel(ctx)
	result := EnrollContactsResult{Started: input.Started}
	if input.Few && workflow.GetVersion(ctx, "few", workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		receiveAll(asked)
		few := startFew(ctx, input.CampaignKey)
		switch {
		case ctx.Err() != nil:
			return result, ctx.Err()
		case few.More || asked.Len() > 0:
			return result, workflow.NewContinueAsNewError(ctx, EnrollContacts, EnrollContactsInput{
				CampaignKey: input.CampaignKey, Started: input.Started + few.Started,
			})
		}
		result.Started += few.Started
		return result, nil
	}
	ctx = workflow.WithActivityOptions(ctx, drainOptions("start the enrollments of "+input.CampaignKey))
	for {
		receiveAll(asked)
		var starts *activities.Starts
		var started int
		err := workflow.ExecuteActivity(ctx, starts.StartEnrollments, input.CampaignKey).Get(ctx, &started)
		result.Started += started
		if err != nil || asked.Len() == 0 {
			return result, err
		}
	}
}

// startFew leaves to an activity whatever it does not get to.
func startFew(ctx workflow.Context, campaignKey string) activities.Few {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 3 * time.Second, // a workflow task has ten
		RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var few activities.Few
	// By its name, not as a function: where no activities are registered, as in
	// reconcile's worker, it is then refused instead of run without its fields.
	if err := workflow.ExecuteLocalActivity(ctx, StartFewActivity, campaignKey).Get(ctx, &few); err != nil {
		return activities.Few{More: true}
	}
	return few
}

func receiveAll(asked workflow.ReceiveChannel) {
	for asked.ReceiveAsync(nil) {
	}
}
