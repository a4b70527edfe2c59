package temporalio

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"relance/activities"
	"relance/internal/campaign"
	"relance/workflows"
)

// Receipts reads from the history of an enrollment, through all runs that
// continued as new, which messages it has seen sent: the copy of the
// ledger that Temporal keeps without being asked.
func (c *Client) Receipts(ctx context.Context, run campaign.Run) (campaign.Receipts, error) {
	id := workflows.EnrollmentWorkflowID(run.CampaignKey, run.ContactID)
	var receipts campaign.Receipts
	for runID := run.RunID; runID != ""; {
		read := historyReader{tries: map[int64]try{}}
		events := c.Client.GetWorkflowHistory(ctx, id, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			var gone *serviceerror.NotFound
			if errors.As(err, &gone) && runID != run.RunID { // an earlier run is kept for a while only
				return receipts, nil
			}
			if err != nil {
				return receipts, err
			}
			if err := read.event(event); err != nil {
				return receipts, err
			}
		}
		receipts.Sent = append(receipts.Sent, read.sent...)
		if runID == run.RunID {
			receipts.Unfinished, receipts.CutOff = read.unfinished(), read.lastCutOff()
		}
		runID = read.earlier
	}
	return receipts, nil
}

// try is a scheduled activity that has not ended.
type try struct {
	campaign.Receipt
	records bool
}

type historyReader struct {
	tries   map[int64]try
	sent    []campaign.Receipt
	earlier string

	// triesFirst is true of a workflow whose steps may be tried first inside its tasks;
	// taskOut while a worker has one, and cutOff is when the last that was lost ended. Only
	// the first loss is an event: lost is true while a task is given out again, however
	// often, and the history says nothing of it but the attempt's number. harmless is true
	// of a loss to a process that only answers queries: it has sent nothing.
	triesFirst, taskOut, takenToAnswer, lost, harmless bool
	attempt                                            int32
	cutOff, closed                                     time.Time
}

func (r *historyReader) event(event *history.HistoryEvent) error {
	switch event.GetEventType() {
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		attributes := event.GetWorkflowExecutionStartedEventAttributes()
		r.earlier = attributes.GetContinuedExecutionRunId()
		var input workflows.EnrollmentInput
		err := decode(attributes.GetInput(), &input)
		r.triesFirst = input.FirstTry != ""
		return err
	case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
		r.attempt = event.GetWorkflowTaskScheduledEventAttributes().GetAttempt()
	case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
		r.started(event)
	case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		r.taskOut, r.lost = false, false
	case enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT, enums.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		r.harmless = r.takenToAnswer
		if r.lost = true; !r.harmless {
			r.cutOff = event.GetEventTime().AsTime()
		}
		r.taskOut, r.takenToAnswer = false, false
	case enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT:
		r.closed = event.GetEventTime().AsTime()
	case enums.EVENT_TYPE_MARKER_RECORDED:
		return r.triedFirst(event)
	case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		return r.scheduled(event)
	case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		return r.completed(event)
	case enums.EVENT_TYPE_ACTIVITY_TASK_FAILED:
		delete(r.tries, event.GetActivityTaskFailedEventAttributes().GetScheduledEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
		delete(r.tries, event.GetActivityTaskTimedOutEventAttributes().GetScheduledEventId())
	case enums.EVENT_TYPE_ACTIVITY_TASK_CANCELED:
		delete(r.tries, event.GetActivityTaskCanceledEventAttributes().GetScheduledEventId())
	}
	return nil
}

// started takes the task before this one, if it was lost, for cut off just now: the last
// of its attempts may have been. The second attempt follows the one loss that is an event.
func (r *historyReader) started(event *history.HistoryEvent) {
	if r.lost && !(r.harmless && r.attempt == 2) {
		r.cutOff = event.GetEventTime().AsTime()
	}
	r.takenToAnswer = event.GetWorkflowTaskStartedEventAttributes().GetIdentity() == answerer
	r.taskOut = !r.takenToAnswer
}

func (r *historyReader) scheduled(event *history.HistoryEvent) error {
	attributes := event.GetActivityTaskScheduledEventAttributes()
	var attempt campaign.Attempt
	one := try{}
	switch attributes.GetActivityType().GetName() {
	case workflows.SendEmailActivity:
		one.Kind = campaign.Email
	case workflows.SendSMSActivity:
		one.Kind = campaign.SMS
	case workflows.RecordFailureActivity:
		one.records = true
		var input activities.RecordFailureInput
		if err := decode(attributes.GetInput(), &input); err != nil {
			return err
		}
		attempt = input.Attempt
	default:
		return nil
	}
	if !one.records {
		if err := decode(attributes.GetInput(), &attempt); err != nil {
			return err
		}
	}
	one.DeliveryKey = campaign.DeliveryKey{StepID: attempt.StepID, Visit: max(1, attempt.Visit)}
	r.tries[event.GetEventId()] = one
	return nil
}

func (r *historyReader) completed(event *history.HistoryEvent) error {
	attributes := event.GetActivityTaskCompletedEventAttributes()
	one, ok := r.tries[attributes.GetScheduledEventId()]
	if !ok {
		return nil
	}
	delete(r.tries, attributes.GetScheduledEventId())
	var result activities.Result
	var recorded activities.RecordFailureResult
	if one.records {
		if err := decode(attributes.GetResult(), &recorded); err != nil {
			return err
		}
	} else if err := decode(attributes.GetResult(), &result); err != nil {
		return err
	}
	if result.Outcome == activities.Done || recorded.Sent {
		r.done(one.Receipt, result.MessageID, event)
	}
	return nil
}

// triedFirst reads the end of a first try: the SDK's marker of a local activity.
func (r *historyReader) triedFirst(event *history.HistoryEvent) error {
	attributes := event.GetMarkerRecordedEventAttributes()
	if attributes.GetMarkerName() != "LocalActivity" || attributes.GetFailure() != nil {
		return nil
	}
	var local struct{ ActivityType string }
	if err := decode(attributes.GetDetails()["data"], &local); err != nil {
		return err
	}
	var one campaign.Receipt
	switch local.ActivityType {
	case workflows.SendEmailActivity:
		one.Kind = campaign.Email
	case workflows.SendSMSActivity:
		one.Kind = campaign.SMS
	default:
		return nil
	}
	var result activities.Result
	if err := decode(attributes.GetDetails()["result"], &result); err != nil {
		return err
	}
	if result.Outcome == activities.Done {
		one.DeliveryKey = campaign.DeliveryKey{StepID: result.StepID, Visit: max(1, result.Visit)}
		r.done(one, result.MessageID, event)
	}
	return nil
}

func (r *historyReader) done(one campaign.Receipt, messageID string, event *history.HistoryEvent) {
	one.MessageID, one.At = messageID, event.GetEventTime().AsTime()
	r.sent = append(r.sent, one)
	r.cutOff = time.Time{}
}

// lastCutOff counts a task that is still out, or is given out again: its worker may be gone.
func (r *historyReader) lastCutOff() time.Time {
	switch {
	case !r.triesFirst:
		return time.Time{}
	case !r.taskOut && !r.lost:
		return r.cutOff
	case r.closed.IsZero():
		return time.Now()
	}
	return r.closed
}

// unfinished is the send that was under way when the run was cut off.
func (r *historyReader) unfinished() *campaign.Receipt {
	for _, one := range r.tries { // at most one: a step is tried by one activity at a time
		return &one.Receipt
	}
	return nil
}

// input reads what a run was started with.
func (c *Client) input(ctx context.Context, id, runID string) (workflows.EnrollmentInput, error) {
	var input workflows.EnrollmentInput
	page, err := c.Client.WorkflowService().GetWorkflowExecutionHistory(ctx, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: c.Namespace, Execution: &common.WorkflowExecution{WorkflowId: id, RunId: runID}, MaximumPageSize: 1,
	})
	if err != nil {
		return input, err
	}
	events := page.GetHistory().GetEvents()
	if len(events) == 0 {
		return input, errors.New("its history is empty")
	}
	return input, decode(events[0].GetWorkflowExecutionStartedEventAttributes().GetInput(), &input)
}

func decode(payloads *common.Payloads, into any) error {
	return converter.GetDefaultDataConverter().FromPayloads(payloads, into)
}
