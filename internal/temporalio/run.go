package temporalio

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"relance/internal/campaign"
	"relance/workflows"
)

// answerTimeout is how long a workflow may take to answer its query: long
// enough to replay a long history on a busy machine.
const answerTimeout = time.Minute

// Run reads the latest run of an enrollment's workflow and queries its position,
// also when it is closed; nil when Temporal has none. A query worker has to run:
// see Answer.
func (c *Client) Run(ctx context.Context, key campaign.EnrollmentKey) (*campaign.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	id := workflows.EnrollmentWorkflowID(key.CampaignKey, key.ContactID)
	described, err := c.Client.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("workflow %s: %w", id, err)
	}
	run := newRun(key, described)
	input, err := c.input(ctx, id, run.RunID)
	if err != nil {
		return nil, fmt.Errorf("the input of workflow %s: %w", id, err)
	}
	run.EnrollmentID, run.Steps, run.Retry = input.EnrollmentID, input.Steps, input.Retry
	if run.Follows = input.First != nil; run.Follows {
		run.Steps = nil
	}
	state, err := c.ask(ctx, id, run, input)
	if err != nil {
		return nil, fmt.Errorf("workflow %s: %w: %w", id, campaign.ErrNoAnswer, err)
	}
	run.Position, run.LastFix = positionOf(state), lastFix(state.SeenFixes)
	if input.First != nil {
		run.VisitBase = input.First.FirstVisit() - 1
	}
	if run.Open {
		return run, nil
	}
	return run, c.outcome(ctx, id, run)
}

func newRun(key campaign.EnrollmentKey, described *workflowservice.DescribeWorkflowExecutionResponse) *campaign.Run {
	info := described.GetWorkflowExecutionInfo()
	run := &campaign.Run{
		EnrollmentKey: key, RunID: info.GetExecution().GetRunId(), Length: info.GetHistoryLength(),
		StartedAt: info.GetStartTime().AsTime(),
		Open:      info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Busy:      described.GetPendingWorkflowTask() != nil || len(described.GetPendingActivities()) > 0,
	}
	if !run.Open {
		run.Closed, run.ClosedAt = strings.ToLower(info.GetStatus().String()), info.GetCloseTime().AsTime()
	}
	for _, activity := range described.GetPendingActivities() {
		if pending := newPending(activity); pending != nil {
			run.Pending = pending
		}
	}
	return run
}

// newPending is nil for an activity that sends nothing and follows no send.
func newPending(activity *workflow.PendingActivityInfo) *campaign.Pending {
	pending := &campaign.Pending{Attempt: int(activity.GetAttempt()), Running: activity.GetLastStartedTime() != nil}
	switch activity.GetActivityType().GetName() {
	case workflows.SendEmailActivity, workflows.SendSMSActivity:
	case workflows.RecordFailureActivity:
		pending.Records = true
	default:
		return nil
	}
	if at := activity.GetLastAttemptCompleteTime(); at != nil {
		pending.EndedAt = at.AsTime()
	}
	pending.TimedOut = activity.GetLastFailure().GetTimeoutFailureInfo() != nil
	return pending
}

// ask queries the state. A run that was closed before it had got through any task cannot
// be queried: its position is the one at which it was started.
func (c *Client) ask(ctx context.Context, id string, run *campaign.Run, input workflows.EnrollmentInput) (workflows.State, error) {
	var state workflows.State
	answer, err := c.Client.QueryWorkflow(ctx, id, run.RunID, workflows.EnrollmentQuery)
	if err == nil {
		err = answer.Get(&state)
	}
	var unseen *serviceerror.WorkflowNotReady
	switch {
	case err == nil:
		return state, nil
	case run.Open || !errors.As(err, &unseen): // closed before any of its tasks was completed
		return state, err
	case input.State != nil:
		return *input.State, nil
	}
	first, visit := campaign.NextAfter(input.Steps, -1), 1
	if input.First != nil {
		first.StepID, first.StepIndex = input.First.Stands()
		visit = input.First.FirstVisit()
	}
	return workflows.State{Status: campaign.Active, StepIndex: first.StepIndex, StepID: first.StepID, Visit: visit}, nil
}

// outcome reads how a workflow that came to its own end has ended. A cancelled
// one has recorded a disenrollment before it closed.
func (c *Client) outcome(ctx context.Context, id string, run *campaign.Run) error {
	switch run.Closed {
	case "canceled":
		run.Outcome, run.Reason = campaign.Disenrolled, "The workflow was cancelled."
	case "completed":
		var result workflows.EnrollmentResult
		if err := c.Client.GetWorkflow(ctx, id, run.RunID).GetWithOptions(ctx, &result, client.WorkflowRunGetOptions{DisableFollowingRuns: true}); err != nil {
			return fmt.Errorf("the result of workflow %s: %w", id, err)
		}
		run.Outcome, run.Reason = result.Status, result.Reason
	}
	return nil
}

func positionOf(state workflows.State) campaign.Position {
	at := campaign.Position{
		Status: state.Status, StepIndex: state.StepIndex, StepID: state.StepID, Visit: max(1, state.Visit),
		NextAt: state.NextAt, Park: state.Park, LastPark: state.ResumedPark,
	}
	if at.Park != nil {
		at.LastPark = max(at.LastPark, at.Park.ParkID)
	}
	return at
}

// lastFix is the highest number among fixes, which are named `fix-1234`.
func lastFix(fixes []string) int64 {
	last := int64(0)
	for _, fix := range fixes {
		if _, digits, ok := strings.Cut(fix, "-"); ok {
			if number, err := strconv.ParseInt(digits, 10, 64); err == nil {
				last = max(last, number)
			}
		}
	}
	return last
}
