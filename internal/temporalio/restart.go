package temporalio

import (
	"context"
	"errors"
	"strconv"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"relance/internal/campaign"
	"relance/workflows"
)

// Restart starts the workflow of an enrollment again, at its position, whatever
// became of the old one. It never runs beside another: one that is open is left
// alone, and is terminated when the restart says Replace.
//
// The first look of the step finds what PostgreSQL knows: what was sent is not
// sent again, an open park comes back under its number, a paused campaign holds.
func (c *Client) Restart(ctx context.Context, again campaign.Restart) error {
	conflict := enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	if again.Replace {
		conflict = enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING
	}
	if again.Retry == (campaign.Retry{}) {
		again.Retry = c.Retry
	}
	input := workflows.EnrollmentInput{
		CampaignKey: again.CampaignKey, ContactID: again.ContactID, EnrollmentID: again.EnrollmentID,
		Steps: again.Steps, Retry: again.Retry, State: restartState(again),
	}
	if input.FirstTry, _ = c.pins(ctx); again.Follows {
		follow(&input, again)
	}
	_, err := c.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.EnrollmentWorkflowID(again.CampaignKey, again.ContactID), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: conflict,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:            summary(again.CampaignName, again.ContactName),
		Priority:                 fairShare(again.CampaignKey),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.Attr.EnrollmentStatus.ValueSet(string(campaign.Active)),
			workflows.Attr.CampaignKey.ValueSet(again.CampaignKey),
			workflows.Attr.ContactID.ValueSet(strconv.FormatInt(again.ContactID, 10)),
			workflows.Attr.StepID.ValueSet(again.StepID),
		),
	}, workflows.EnrollmentType, input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return nil
	}
	return err
}

// follow has the enrollment follow its campaign. No campaign has version 0: the first look
// says what comes next, whatever stands here, and when.
func follow(input *workflows.EnrollmentInput, again campaign.Restart) {
	next := &campaign.Next{StepID: again.StepID, Kind: campaign.Email, StepIndex: again.StepIndex}
	if at := again.StepIndex; at < len(again.Steps) && again.Steps[at].Sends() {
		next.Kind = again.Steps[at].Kind
	}
	if again.VisitBase > 0 {
		next.Visit = again.VisitBase + 1
	}
	if again.Status.Ended() {
		next = &campaign.Next{Completed: true}
	}
	input.First, input.State.Next, input.Steps = next, next, workflows.FollowSteps(next.StepID)
	if input.State.Park == nil {
		input.State.Status, input.State.NextAt = campaign.Active, time.Time{}
	}
}

// restartState is what the old workflow would have continued as new with. An open park is
// not resumed yet, so it is above ResumedPark and the first look comes back
// with it. What the search attributes show is what Restart has set.
func restartState(again campaign.Restart) *workflows.State {
	state := &workflows.State{
		Status: campaign.Active, Published: campaign.Active,
		StepIndex: again.StepIndex, StepID: again.StepID, Visit: max(1, again.Visit), ResumedPark: again.LastPark,
	}
	for _, step := range again.Steps[:min(again.StepIndex, len(again.Steps))] {
		if step.Sends() {
			state.Sent++
		}
	}
	if again.Park != nil {
		state.ResumedPark = again.Park.ParkID - 1
	}
	state.Parks = state.ResumedPark
	if again.Status == campaign.Waiting && again.StepIndex < len(again.Steps) && again.Steps[again.StepIndex].Kind == campaign.Wait {
		state.Status, state.NextAt = campaign.Waiting, again.NextAt
	}
	if again.Leave != nil {
		state.Leaving = &workflows.Disenroll{Reason: again.Leave.Note, By: again.Leave.By}
	}
	return state
}
