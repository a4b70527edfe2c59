package temporalio

import (
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"relance/internal/settings"
)

// Versioned is how a worker takes part in Temporal's worker versioning: not at
// all, unless it has a version. With one, it is given no work before an operator
// makes that version current or ramps it up.
//
// Every workflow upgrades by itself. An enrollment lives for weeks, with its
// waits and for as long as it is parked: pinned to the version under which it
// began, it would keep that version's workers running all that time, and with
// them every bug that was fixed since. What makes the move safe is that the
// code replays the histories of its predecessors (workflows/replay_test.go).
func Versioned(of settings.Deployment) worker.DeploymentOptions {
	if of.BuildID == "" {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{
		UseVersioning:             true,
		Version:                   worker.WorkerDeploymentVersion{DeploymentName: of.Name, BuildID: of.BuildID},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}
}
