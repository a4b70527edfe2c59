package temporalio

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"relance/activities"
	"relance/internal/campaign"
	"relance/workflows"
)

// Answer runs a query worker in this process until stop is called: it runs the
// workflows' code, so that a query is answered although no worker runs, and nothing
// else. It must not run an activity: while the ledger is not whole, one would
// send again what was sent. So it polls for none (LocalActivityWorkerOnly), it
// is given none with its workflow tasks, and its first tries leave every step to one.
//
// Where workers are versioned, only the version that is current is asked: this
// process has to be of it, or no query is answered.
func (c *Client) Answer() (stop func(), err error) {
	answering := worker.New(c.Client, workflows.TaskQueue, worker.Options{
		Identity:                answerer,
		LocalActivityWorkerOnly: true,
		DisableEagerActivities:  true,
		DeploymentOptions:       Versioned(c.Deployment),
	})
	workflows.Register(answering)
	for _, name := range []string{workflows.SendEmailActivity, workflows.SendSMSActivity} {
		answering.RegisterActivityWithOptions(leaveIt, activity.RegisterOptions{Name: name})
	}
	if err := answering.Start(); err != nil {
		return nil, fmt.Errorf("workflows cannot be queried: %w", err)
	}
	return answering.Stop, nil
}

// answerer is the identity of the process that answers queries. It sends nothing,
// whatever becomes of the workflow tasks that it takes on the way.
const answerer = "starter reconcile"

// leaveIt is the first try of a process that must not send.
func leaveIt(context.Context, campaign.Attempt) (activities.Result, error) {
	return activities.Result{Outcome: activities.NeedsActivity}, nil
}
