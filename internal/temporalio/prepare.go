package temporalio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"relance/workflows"
)

// attributes are the search attributes that an enrollment carries.
var attributes = map[string]enums.IndexedValueType{
	workflows.Attr.EnrollmentStatus.GetName(): enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.ErrorCode.GetName():        enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.ErrorCause.GetName():       enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.CampaignKey.GetName():      enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.ContactID.GetName():        enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.StepID.GetName():           enums.INDEXED_VALUE_TYPE_KEYWORD,
	workflows.Attr.ErrorSince.GetName():       enums.INDEXED_VALUE_TYPE_DATETIME,
}

// Prepare registers the search attributes, the schedule that drains the outbox
// and the one that watches the enrollments, and returns what it did, a line each; nothing when all was there.
func Prepare(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	did, err := registerAttributes(ctx, c, namespace)
	if err != nil {
		return did, err
	}
	for _, schedule := range schedules {
		created, err := createSchedule(ctx, c, schedule)
		if err != nil {
			return did, err
		}
		if created {
			did = append(did, "schedule "+schedule.ID+" created (every minute)")
		}
	}
	return did, nil
}

func registerAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	missing, err := missingAttributes(ctx, c, namespace)
	if err != nil || len(missing) == 0 {
		return nil, err
	}
	var did []string
	for name := range missing {
		did = append(did, "search attribute "+name+" registered")
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	var exists *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return nil, fmt.Errorf("registering search attributes in namespace %s: %w", namespace, err)
	}
	return did, awaitAttributes(ctx, c, namespace)
}

func missingAttributes(ctx context.Context, c client.Client, namespace string) (map[string]enums.IndexedValueType, error) {
	known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("reading the search attributes of namespace %s: %w", namespace, err)
	}
	missing := map[string]enums.IndexedValueType{}
	for name, kind := range attributes {
		switch have, ok := known.GetCustomAttributes()[name]; {
		case !ok:
			missing[name] = kind
		case have != kind:
			return nil, fmt.Errorf("search attribute %s is registered as %s in namespace %s; Relance needs %s", name, have, namespace, kind)
		}
	}
	return missing, nil
}

// awaitAttributes waits until the server lists what was registered, and takes it:
// a cache of its own takes a moment longer, and a workflow that starts earlier is refused.
func awaitAttributes(ctx context.Context, c client.Client, namespace string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		missing, err := missingAttributes(ctx, c, namespace)
		if err != nil {
			return err
		}
		if len(missing) == 0 && usable(ctx, c, namespace) {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("the search attributes of namespace %s do not appear: %w", namespace, ctx.Err())
		}
	}
}

// usable lists workflows without any of the attributes: a server that does not know
// one of them refuses the query.
func usable(ctx context.Context, c client.Client, namespace string) bool {
	var without []string
	for name := range attributes {
		without = append(without, name+" IS NULL")
	}
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: strings.Join(without, " AND ")})
	var refused *serviceerror.InvalidArgument
	return !errors.As(err, &refused)
}

// schedules are run every minute, one run at a time, and at once where a run is to last.
var schedules = []client.ScheduleOptions{
	{
		ID:   workflows.WakeScheduleID,
		Note: "Signals parked contacts after a fix. Fixes trigger it at once; the minute is for what a killed command left behind.",
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.WakeScheduleID, Workflow: workflows.WakeContactsType, TaskQueue: workflows.TaskQueue,
			StaticSummary: "Signal parked contacts after a fix",
			Priority:      urgent,
		},
	},
	{
		ID:   workflows.TurnsScheduleID,
		Note: "Sees to it that one GiveTurns runs: it gives the turns of accounts that have a pace, and of campaigns that have a window.",
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.TurnsScheduleID, Workflow: workflows.GiveTurnsType, TaskQueue: workflows.TaskQueue,
			StaticSummary: "Give the turns of accounts that have a pace",
			Priority:      urgent,
		},
		TriggerImmediately: true,
	},
	{
		ID:   workflows.MailboxesScheduleID,
		Note: "Sees to it that every mailbox that is to be read is read.",
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.MailboxesScheduleID, Workflow: workflows.TendMailboxesType, TaskQueue: workflows.TaskQueue,
			StaticSummary:      "See to it that every mailbox is read",
			WorkflowRunTimeout: workflows.WatchTimeout,
		},
		TriggerImmediately: true,
	},
	{
		ID:   workflows.WatchScheduleID,
		Note: "Finds enrollments whose workflow was terminated, deleted or timed out.",
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.WatchScheduleID, Workflow: workflows.WatchEnrollmentsType, TaskQueue: workflows.TaskQueue,
			StaticSummary:      "Look for workflows that were ended from outside",
			WorkflowRunTimeout: workflows.WatchTimeout,
		},
	},
}

func createSchedule(ctx context.Context, c client.Client, schedule client.ScheduleOptions) (bool, error) {
	schedule.Spec = client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Minute}}}
	schedule.Overlap = enums.SCHEDULE_OVERLAP_POLICY_SKIP
	_, err := c.ScheduleClient().Create(ctx, schedule)
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("creating schedule %s: %w", schedule.ID, err)
	}
	return true, nil
}
