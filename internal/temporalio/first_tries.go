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

// olderWorkers remembers whether workers serve that do not know first tries. The zero
// value has not looked yet.
type olderWorkers struct {
	mu       sync.Mutex
	lookedAt time.Time
	absent   bool
}

// pinnedFirstTry is the FirstTry of an enrollment that starts now: none while a worker of
// a release before serves. That one cannot replay a first try, and a task that it is given
// fails; the server gives it out again after the task's timeout, and then later and later,
// perhaps to the same worker: enrollments were seen to be held up for five minutes. Without
// first tries they are everybody's.
//
// Under worker versioning the server does not give such a task to another version.
func (c *Client) pinnedFirstTry(ctx context.Context) string {
	if c.FirstTry != workflows.FirstTryBuild {
		return c.FirstTry
	}
	c.older.mu.Lock()
	defer c.older.mu.Unlock()
	if time.Since(c.older.lookedAt) > olderFor {
		if serve, err := c.olderServe(ctx); err == nil { // else the last answer counts
			c.older.absent = !serve
		}
		c.older.lookedAt = time.Now()
	}
	if !c.older.absent {
		return ""
	}
	return c.FirstTry
}

// olderServe says whether a worker of a build without the mark has called for workflow
// tasks of late. A call lasts a minute, so a worker counts for a minute after its end.
func (c *Client) olderServe(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	described, err := c.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW,
	})
	if err != nil {
		return false, err
	}
	for _, poller := range described.GetPollers() {
		capabilities := poller.GetWorkerVersionCapabilities() //nolint:staticcheck // the only place where a build without versioning is named
		versioned := capabilities.GetUseVersioning() || poller.GetDeploymentOptions().GetWorkerVersioningMode() == enums.WORKER_VERSIONING_MODE_VERSIONED
		recent := time.Since(poller.GetLastAccessTime().AsTime()) < pollTimeout
		if recent && !versioned && !strings.HasSuffix(capabilities.GetBuildId(), workflows.FirstTryBuild) {
			return true, nil
		}
	}
	return false, nil
}
