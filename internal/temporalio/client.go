package temporalio

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/settings"
	"relance/workflows"
)

// Client starts, signals and queries Relance's workflows. It is the activities'
// Messenger and Starter, and the CLI's way to Temporal.
type Client struct {
	Client    client.Client
	Namespace string
	// Retry and FirstTry are pinned in every enrollment that it starts; see FirstTry for
	// the latter, which waits until every worker knows it, and pins.
	Retry    campaign.Retry
	FirstTry string
	// Deployment is the version of this process when it answers for workflows.
	Deployment settings.Deployment

	older olderWorkers
}

var (
	_ activities.Messenger     = (*Client)(nil)
	_ activities.TurnMessenger = (*Client)(nil)
	_ activities.Starter       = (*Client)(nil)
)

// Close closes the connection.
func (c *Client) Close() { c.Client.Close() }

// Prepare registers the search attributes and the schedule; see Prepare.
func (c *Client) Prepare(ctx context.Context) ([]string, error) {
	return Prepare(ctx, c.Client, c.Namespace)
}

// TriggerWake runs WakeContacts now, or once more right after the run that is
// under way: what was committed before this call is delivered.
func (c *Client) TriggerWake(ctx context.Context) error {
	err := c.Client.ScheduleClient().GetHandle(ctx, workflows.WakeScheduleID).
		Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("the schedule %s does not exist in namespace %s; run `starter migrate`", workflows.WakeScheduleID, c.Namespace)
	}
	return err
}

// StartEnrolling has an EnrollContacts start the campaign's enrollments that are
// committed now: a new run, or the one that is under way, which then looks once
// more.
func (c *Client) StartEnrolling(ctx context.Context, campaignKey string, howMany int) error {
	input := workflows.EnrollContactsInput{CampaignKey: campaignKey, Few: howMany <= activities.MaxInlineStarts}
	options := enrolling(campaignKey)
	_, err := c.Client.SignalWithStartWorkflow(ctx, options.ID, workflows.EnrollSignal.Name, nil, options, workflows.EnrollContactsType, input)
	return err
}

// KeepEnrolling has an EnrollContacts under way for a campaign. It does not
// signal: its caller comes back as long as there are enrollments to start, and a
// run that lasts a day would be left with thousands of signals.
func (c *Client) KeepEnrolling(ctx context.Context, campaignKey string) error {
	options := enrolling(campaignKey)
	options.WorkflowIDConflictPolicy = enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	_, err := c.Client.ExecuteWorkflow(ctx, options, workflows.EnrollContactsType, workflows.EnrollContactsInput{CampaignKey: campaignKey})
	return err
}

// StartMailbox starts the reader of an account's mailbox; one that runs is left alone.
func (c *Client) StartMailbox(ctx context.Context, address string) error {
	_, err := c.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.MailboxWorkflowID(address), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            "Read the mailbox of " + address,
	}, workflows.MailboxType, workflows.MailboxInput{Address: address})
	return err
}

func enrolling(campaignKey string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: workflows.EnrollContactsWorkflowID(campaignKey), TaskQueue: workflows.TaskQueue,
		StaticSummary: "Start the enrollments of " + campaignKey,
		Priority:      urgent,
	}
}

// looksFirst has an enrollment begin with a look that says what comes next, and when: no campaign has version 0. Who
// was enrolled before an edit has put a wait first does not wait by its row, which no later edit would take for one that
// waits (law 3).
func looksFirst(enrollee campaign.Enrollee) (campaign.Next, *campaign.Next, []campaign.Plan) {
	return campaign.Next{StepID: enrollee.StepID}, &campaign.Next{StepID: enrollee.StepID, StepIndex: enrollee.StepIndex, Kind: campaign.Email}, workflows.FollowSteps(enrollee.StepID)
}

// StartEnrollment starts the workflow of one enrollment, and says whether it follows its
// campaign. One that has been started before, running or not, is left alone; one that goes on
// after its end is started anew.
func (c *Client) StartEnrollment(ctx context.Context, of campaign.Campaign, enrollee campaign.Enrollee) (follows bool, err error) {
	input := workflows.EnrollmentInput{
		CampaignKey: of.Key, ContactID: enrollee.ContactID, EnrollmentID: enrollee.EnrollmentID,
		Steps: campaign.Plans(of.Steps), Retry: c.Retry,
	}
	first := campaign.NextAfter(input.Steps, -1)
	if input.FirstTry, follows = c.pins(ctx); follows {
		comes := of.Path().Ahead(nil).Next(-1, of.Version)
		input.First, input.Steps = &comes, workflows.FollowSteps(comes.StepID)
		if comes.WaitStep != "" && comes.WaitStep != enrollee.StepID {
			first, input.First, input.Steps = looksFirst(enrollee)
		}
	}
	reuse, conflict := enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	if enrollee.Continues() {
		if !follows {
			return false, fmt.Errorf("contact %d is taken on in %s when no worker of a release before serves any more", enrollee.ContactID, of.Key)
		}
		first, input.First, input.Steps = looksFirst(enrollee)
		if enrollee.VisitBase > 0 {
			input.First.Visit = enrollee.VisitBase + 1
		}
		reuse = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
		conflict = enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL // what runs may be about to end
	}
	status := campaign.Active
	if first.Wait > 0 {
		status = campaign.Waiting
	}
	_, err = c.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.EnrollmentWorkflowID(of.Key, enrollee.ContactID), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: conflict,
		WorkflowIDReusePolicy:    reuse,
		// Without it the SDK answers with the run that is about to end, as if this one had begun (law 2).
		WorkflowExecutionErrorWhenAlreadyStarted: enrollee.Continues(),
		EnableEagerStart:                         true,
		StaticSummary:                            summary(of.Name, enrollee.ContactName),
		Priority:                                 fairShare(of.Key),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.Attr.EnrollmentStatus.ValueSet(string(status)),
			workflows.Attr.CampaignKey.ValueSet(of.Key),
			workflows.Attr.ContactID.ValueSet(strconv.FormatInt(enrollee.ContactID, 10)),
			workflows.Attr.StepID.ValueSet(first.StepID),
		),
	}, workflows.EnrollmentType, input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		if enrollee.Continues() {
			return true, c.takeOn(ctx, of.Key, enrollee, started.RunId, *input.First)
		}
		return false, nil // perhaps it keeps its steps
	}
	return follows, err
}

// takeOn has the run that is under way go on where the enrollee stands. It may be one that an earlier
// start has begun whose answer was lost, or one that has done its last step and is about to end: the signal
// reaches it before its end, or fails, and the next start finds no run (law 2). One of a round before has to end.
func (c *Client) takeOn(ctx context.Context, key string, enrollee campaign.Enrollee, runID string, next campaign.Next) error {
	id := workflows.EnrollmentWorkflowID(key, enrollee.ContactID)
	input, err := c.input(ctx, id, runID)
	if err != nil {
		return err
	}
	switch round := input.FirstVisit(); {
	case round <= enrollee.VisitBase:
		return fmt.Errorf("contact %d begins %s again when its workflow of the round before has ended", enrollee.ContactID, key)
	case round > enrollee.VisitBase+1:
		return nil // this start is late: it has been enrolled again since
	}
	err = workflows.ContinueSignal.Send(ctx, c.Client, id, runID, next)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("contact %d goes on in %s with the next try: its workflow has ended at this moment", enrollee.ContactID, key)
	}
	return err
}

// backlogTimeout is short: the length of a queue is not worth a long wait.
const backlogTimeout = 2 * time.Second

// Backlog returns the age of the oldest workflow task that no worker has taken yet, up
// to five seconds stale.
func (c *Client) Backlog(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, backlogTimeout)
	defer cancel()
	described, err := c.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue},
		TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW, ReportStats: true,
	})
	return described.GetStats().GetApproximateBacklogAge().AsDuration(), err
}

// urgent is the priority of the few workflows that get many others going: a fix
// does not queue behind the contacts of a large campaign.
var urgent = temporal.Priority{PriorityKey: 1}

// fairShare has the server dispatch the tasks of all campaigns in turns, however
// many of one are due. The server takes keys of up to 64 bytes.
func fairShare(campaignKey string) temporal.Priority {
	const most = 64
	return temporal.Priority{FairnessKey: campaignKey[:min(len(campaignKey), most)]}
}

// summary is bounded: the server refuses a summary of more than 400 bytes, and
// a contact whose company is a paragraph would never be started (law 2).
func summary(campaignName, contactName string) string {
	const most = 80
	short := func(text string) string {
		if runes := []rune(text); len(runes) > most {
			text = string(runes[:most-1]) + "…"
		}
		for len(text) > 2*most { // most letters take one or two bytes, not all
			_, size := utf8.DecodeLastRuneInString(text)
			text = text[:len(text)-size]
		}
		return text
	}
	return short(campaignName) + " → " + short(contactName)
}

// Resume signals `resume` to an enrollment.
func (c *Client) Resume(ctx context.Context, target campaign.Target, resume campaign.Resume) error {
	return signal(ctx, c, target, workflows.ResumeSignal, resume)
}

// Unpause signals `unpause` to an enrollment.
func (c *Client) Unpause(ctx context.Context, target campaign.Target) error {
	return signal(ctx, c, target, workflows.UnpauseSignal, workflows.None{})
}

// Turn signals `turn` to an enrollment.
func (c *Client) Turn(ctx context.Context, turn campaign.GivenTurn) error {
	target := campaign.Target{EnrollmentID: turn.EnrollmentID, CampaignKey: turn.CampaignKey, ContactID: turn.ContactID}
	return signal(ctx, c, target, workflows.TurnSignal, workflows.Turn{Turn: turn.Turn})
}

// Edited signals `edited` to an enrollment.
func (c *Client) Edited(ctx context.Context, target campaign.Target) error {
	return signal(ctx, c, target, workflows.EditedSignal, workflows.None{})
}

// Disenroll signals `disenroll` to an enrollment.
func (c *Client) Disenroll(ctx context.Context, target campaign.Target, reason, by string) error {
	return signal(ctx, c, target, workflows.DisenrollSignal, workflows.Disenroll{Reason: reason, By: by})
}

func signal[T any](ctx context.Context, c *Client, target campaign.Target, signal workflows.Signal[T], payload T) error {
	err := signal.Send(ctx, c.Client, workflows.EnrollmentWorkflowID(target.CampaignKey, target.ContactID), target.RunID, payload)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return activities.ErrNoWorkflow
	}
	return err
}
