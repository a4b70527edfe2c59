package temporalio

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"relance/internal/settings"
	"relance/workflows"
)

// FirstTry names the builds that do first tries: those that carry the mark, or, where the
// build id is the operator's, this very version.
func FirstTry(of settings.Deployment) string {
	if of.BuildID != "" {
		return of.BuildID
	}
	return workflows.FirstTryBuild
}

// olderFor is how long one look at the workers counts, and lookTimeout how long it may take.
const (
	olderFor    = 10 * time.Second
	lookTimeout = 2 * time.Second
)

// olderWorkers remembers what all workers that serve know. The zero value has not looked
// yet, and they know nothing.
type olderWorkers struct {
	mu       sync.Mutex
	lookedAt time.Time
	known    known
}

// known is what every worker knows that may be given the tasks of an enrollment.
type known struct{ firstTries, following bool }

// pins is what an enrollment begins with that is started now: the FirstTry of its input, and whether
// it follows its campaign. Nothing while a worker of a release before serves that does not
// know it. That one cannot replay a first try, and cannot go on with what follows: a task that it is given
// fails; the server gives it out again after the task's timeout, and then later and later,
// perhaps to the same worker: enrollments were seen to be held up for five minutes. Without
// them they are everybody's.
//
// Under worker versioning the server does not give a first try to another version. What
// follows goes on under the version that is current, so all versions that serve have to know it: this
// very one, and those with the mark.
func (c *Client) pins(ctx context.Context) (firstTry string, follows bool) {
	if c.FirstTry == "" {
		return "", false
	}
	c.older.mu.Lock()
	defer c.older.mu.Unlock()
	if time.Since(c.older.lookedAt) > olderFor {
		if known, err := c.known(ctx); err == nil { // else the last answer counts
			c.older.known = known
		}
		c.older.lookedAt = time.Now()
	}
	if c.FirstTry == workflows.FirstTryBuild && !c.older.known.firstTries {
		return "", false
	}
	return c.FirstTry, c.older.known.following
}

// known asks which workers have called for workflow tasks of late. One that has stopped is off the
// server's list, and one that was killed is so after five minutes; until then it counts: this machine's
// clock and the server's may be minutes apart.
func (c *Client) known(ctx context.Context) (known, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	described, err := c.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return known{}, err
	}
	all := known{true, true}
	for _, poller := range described.GetPollers() {
		capabilities := poller.GetWorkerVersionCapabilities() //nolint:staticcheck // the only place where a build without versioning is named
		build := capabilities.GetBuildId()
		versioned := capabilities.GetUseVersioning() || poller.GetDeploymentOptions().GetWorkerVersioningMode() == enums.WORKER_VERSIONING_MODE_VERSIONED
		if versioned {
			if named := poller.GetDeploymentOptions().GetBuildId(); named != "" {
				build = named
			}
		}
		if !versioned && !strings.HasSuffix(build, workflows.FirstTryBuild) {
			all.firstTries = false
		}
		if build != c.FirstTry && !strings.HasSuffix(build, workflows.FollowBuild) {
			all.following = false
		}
	}
	return all, nil
}
