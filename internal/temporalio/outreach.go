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

// Outreach says to workflows what there is to say to them. It is the
// activities' Messenger and Starter, and the CLI's way to Temporal.
type Outreach struct {
	Client    client.Client
	Namespace string
	// Retry is pinned in every enrollment that it starts.
	Retry campaign.Retry
	// Deployment is the version of this process when it answers for workflows.
	Deployment settings.Deployment
}

var (
	_ activities.Messenger = (*Outreach)(nil)
	_ activities.Starter   = (*Outreach)(nil)
)

// Close closes the connection.
func (o *Outreach) Close() { o.Client.Close() }

// Prepare registers the search attributes and the schedule; see Prepare.
func (o *Outreach) Prepare(ctx context.Context) ([]string, error) {
	return Prepare(ctx, o.Client, o.Namespace)
}

// TriggerWake runs WakeContacts now, or once more right after the run that is
// under way: what was committed before this call is told.
func (o *Outreach) TriggerWake(ctx context.Context) error {
	err := o.Client.ScheduleClient().GetHandle(ctx, workflows.WakeScheduleID).
		Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("the schedule %s does not exist in namespace %s; run `starter migrate`", workflows.WakeScheduleID, o.Namespace)
	}
	return err
}

// StartEnrolling has an EnrollContacts start the campaign's enrollments that are
// committed now: a new run, or the one that is under way, which then looks once
// more.
func (o *Outreach) StartEnrolling(ctx context.Context, campaignKey string, howMany int) error {
	input := workflows.EnrollContactsInput{CampaignKey: campaignKey, Few: howMany <= activities.MostOfFew}
	options := enrolling(campaignKey)
	_, err := o.Client.SignalWithStartWorkflow(ctx, options.ID, workflows.EnrollSignal, nil, options, workflows.EnrollContactsType, input)
	return err
}

// KeepEnrolling has an EnrollContacts under way for a campaign. It does not
// signal: who calls it comes back as long as there is somebody to start, and a
// run that lasts a day would be left with thousands of signals.
func (o *Outreach) KeepEnrolling(ctx context.Context, campaignKey string) error {
	options := enrolling(campaignKey)
	options.WorkflowIDConflictPolicy = enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	_, err := o.Client.ExecuteWorkflow(ctx, options, workflows.EnrollContactsType, workflows.EnrollContactsInput{CampaignKey: campaignKey})
	return err
}

func enrolling(campaignKey string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: workflows.EnrollContactsID(campaignKey), TaskQueue: workflows.TaskQueue,
		StaticSummary: "Start the enrollments of " + campaignKey,
		Priority:      urgent,
	}
}

// StartEnrollment starts the workflow of one enrollment. One that has been
// started before, running or not, is left alone.
func (o *Outreach) StartEnrollment(ctx context.Context, of campaign.Campaign, enrollee campaign.Enrollee) error {
	plans := campaign.Plans(of.Steps)
	first := campaign.NextAfter(plans, -1)
	status := campaign.Active
	if first.Wait > 0 {
		status = campaign.Waiting
	}
	_, err := o.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.EnrollmentID(of.Key, enrollee.ContactID), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		EnableEagerStart:         true,
		StaticSummary:            summary(of.Name, enrollee.ContactName),
		Priority:                 fairShare(of.Key),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.EnrollmentStatus.ValueSet(string(status)),
			workflows.CampaignKey.ValueSet(of.Key),
			workflows.ContactID.ValueSet(strconv.FormatInt(enrollee.ContactID, 10)),
			workflows.StepID.ValueSet(first.StepID),
		),
	}, workflows.EnrollmentType, workflows.EnrollmentInput{
		CampaignKey: of.Key, ContactID: enrollee.ContactID, EnrollmentID: enrollee.EnrollmentID,
		Steps: plans, Retry: o.Retry,
	})
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return nil
	}
	return err
}

// lagPatience is short: nobody is to wait long for the length of a queue.
const lagPatience = 2 * time.Second

// Lag is how long the workflow task has waited that has waited longest for a
// worker. The server's answer may be five seconds old.
func (o *Outreach) Lag(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, lagPatience)
	defer cancel()
	described, err := o.Client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: o.Namespace, TaskQueue: &taskqueue.TaskQueue{Name: workflows.TaskQueue},
		TaskQueueType: enums.TASK_QUEUE_TYPE_WORKFLOW, ReportStats: true,
	})
	return described.GetStats().GetApproximateBacklogAge().AsDuration(), err
}

// urgent is the priority of the few workflows that get many others going: a fix
// does not stand in line behind the contacts of a large campaign.
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
func (o *Outreach) Resume(ctx context.Context, target campaign.Target, resume campaign.Resume) error {
	return o.signal(ctx, target, workflows.ResumeSignal, resume)
}

// Unpause signals `unpause` to an enrollment.
func (o *Outreach) Unpause(ctx context.Context, target campaign.Target) error {
	return o.signal(ctx, target, workflows.UnpauseSignal, nil)
}

// Disenroll signals `disenroll` to an enrollment.
func (o *Outreach) Disenroll(ctx context.Context, target campaign.Target, reason, by string) error {
	return o.signal(ctx, target, workflows.DisenrollSignal, workflows.Disenroll{Reason: reason, By: by})
}

func (o *Outreach) signal(ctx context.Context, target campaign.Target, name string, payload any) error {
	err := o.Client.SignalWorkflow(ctx, workflows.EnrollmentID(target.CampaignKey, target.ContactID), "", name, payload)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return activities.ErrNoWorkflow
	}
	return err
}
