package temporalio

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"

	"relance/internal/campaign"
	"relance/workflows"
)

// OpenRuns lists the enrollments that the visibility index shows as running, a
// page at a time. The index lags: what it lists may be closed by now.
func (c *Client) OpenRuns(ctx context.Context, page func([]campaign.EnrollmentKey) error) error {
	return c.list(ctx, "ExecutionStatus = 'Running'", page)
}

// RunsSince lists the enrollments whose workflow was started after a moment,
// running or not.
func (c *Client) RunsSince(ctx context.Context, since time.Time, page func([]campaign.EnrollmentKey) error) error {
	return c.list(ctx, fmt.Sprintf("StartTime > '%s'", since.UTC().Format(time.RFC3339Nano)), page)
}

// list asks for nothing that only `starter migrate` registers: a Temporal that
// has just been made anew has to answer, too.
func (c *Client) list(ctx context.Context, which string, page func([]campaign.EnrollmentKey) error) error {
	query := fmt.Sprintf("WorkflowType = '%s' AND %s", workflows.EnrollmentType, which)
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: c.Namespace, PageSize: 1000, Query: query}
	for {
		answer, err := c.Client.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("listing the workflows of namespace %s: %w", c.Namespace, err)
		}
		var keys []campaign.EnrollmentKey
		for _, execution := range answer.GetExecutions() {
			if key, contact, ok := workflows.ParseEnrollmentWorkflowID(execution.GetExecution().GetWorkflowId()); ok {
				keys = append(keys, campaign.EnrollmentKey{CampaignKey: key, ContactID: contact})
			}
		}
		if err := page(keys); err != nil {
			return err
		}
		if request.NextPageToken = answer.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// Workers says when each worker has last asked for an activity, by the server's clock: one that
// runs asks anew each minute. The server forgets one that was killed after five minutes.
func (c *Client) Workers(ctx context.Context) (map[string]time.Time, error) {
	answer, err := c.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue}, TaskQueueType: enums.TASK_QUEUE_TYPE_ACTIVITY,
	})
	if err != nil {
		return nil, err
	}
	seen := map[string]time.Time{}
	for _, poller := range answer.GetPollers() {
		name, at := poller.GetIdentity(), poller.GetLastAccessTime().AsTime()
		if first, known := seen[name]; !known || at.After(first) { // two versions may go by one name
			seen[name] = at
		}
	}
	return seen, nil
}

// Prepared says what Prepare would have to do first: without it no enrollment
// can be started. Empty: nothing.
func (c *Client) Prepared(ctx context.Context) (string, error) {
	missing, err := missingAttributes(ctx, c.Client, c.Namespace)
	if err != nil || len(missing) == 0 {
		return "", err
	}
	return fmt.Sprintf("Temporal lacks the search attributes of Relance in namespace %s", c.Namespace), nil
}
