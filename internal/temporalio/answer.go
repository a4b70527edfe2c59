package temporalio

import (
	"fmt"

	"go.temporal.io/sdk/worker"

	"relance/workflows"
)

// Answer runs a query worker in this process until stop is called: it runs the
// workflows' code, so that a query is answered although no worker runs, and nothing
// else. It must not run an activity: while the ledger is not whole, one would
// send again what was sent. So it polls for none (LocalActivityWorkerOnly), it
// is given none with its workflow tasks, and it knows none.
//
// Where workers are versioned, only the version that is current is asked: this
// process has to be of it, or no query is answered.
func (c *Client) Answer() (stop func(), err error) {
	answering := worker.New(c.Client, workflows.TaskQueue, worker.Options{
		Identity:                "starter reconcile",
		LocalActivityWorkerOnly: true,
		DisableEagerActivities:  true,
		DeploymentOptions:       Versioned(c.Deployment),
	})
	workflows.Register(answering)
	if err := answering.Start(); err != nil {
		return nil, fmt.Errorf("workflows cannot be queried: %w", err)
	}
	return answering.Stop, nil
}
