package temporalio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"relance/activities"
	"relance/internal/campaign"
	"relance/workflows"
)

var _ activities.Describer = (*Client)(nil)

// endings are the ends of a workflow that it has not come to by itself. One that
// is cancelled records that before it closes.
var endings = map[enums.WorkflowExecutionStatus]campaign.Ending{
	enums.WORKFLOW_EXECUTION_STATUS_TERMINATED: campaign.EndedTerminated,
	enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:  campaign.EndedTimedOut,
	enums.WORKFLOW_EXECUTION_STATUS_FAILED:     campaign.EndedFailed,
	enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:  campaign.EndedCompleted,
	enums.WORKFLOW_EXECUTION_STATUS_CANCELED:   campaign.EndedCanceled,
}

// describeTimeout is for one answer: a server that does not give it is asked
// again by the next watch.
const describeTimeout = 20 * time.Second

// Describe reads the status of the latest run of an enrollment's workflow, from
// the workflow itself and not from the index.
func (c *Client) Describe(ctx context.Context, key campaign.EnrollmentKey) (campaign.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	id := workflows.EnrollmentWorkflowID(key.CampaignKey, key.ContactID)
	described, err := c.Client.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return campaign.Found{Ending: campaign.EndedDeleted}, nil
	}
	if err != nil {
		return campaign.Found{}, fmt.Errorf("workflow %s: %w", id, err)
	}
	info := described.GetWorkflowExecutionInfo()
	found := campaign.Found{RunID: info.GetExecution().GetRunId(), Ending: endings[info.GetStatus()]}
	if found.Ending != "" && info.GetCloseTime() != nil {
		found.ClosedAt = info.GetCloseTime().AsTime()
	}
	return found, nil
}

// errEnough ends a listing early.
var errEnough = errors.New("enough")

// ClosedSince lists the enrollments that the index shows as cut off since then,
// until page answers false. A cancelled one among them has been recorded, if all went well.
func (c *Client) ClosedSince(ctx context.Context, since time.Time, page func([]campaign.EnrollmentKey) (bool, error)) error {
	which := fmt.Sprintf("ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed', 'Canceled') AND CloseTime > '%s'", since.UTC().Format(time.RFC3339Nano))
	err := c.list(ctx, which, func(keys []campaign.EnrollmentKey) error {
		more, err := page(keys)
		if err == nil && !more {
			err = errEnough
		}
		return err
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
