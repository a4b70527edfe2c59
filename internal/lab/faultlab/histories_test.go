package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/failure/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"relance/activities"
	"relance/workflows"
)

var noon = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func payloads(t *testing.T, value any) *common.Payloads {
	t.Helper()
	encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
	require.NoError(t, err)
	return encoded
}

// at is an event so many seconds after noon.
func at(seconds int, event *history.HistoryEvent) *history.HistoryEvent {
	event.EventTime = timestamppb.New(noon.Add(time.Duration(seconds) * time.Second))
	return event
}

func started(t *testing.T, firstTry string) *history.HistoryEvent {
	t.Helper()
	return at(0, &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, Attributes: &history.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &history.WorkflowExecutionStartedEventAttributes{Input: payloads(t, workflows.EnrollmentInput{FirstTry: firstTry})},
	}})
}

func taskScheduled(attempt int32) *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, Attributes: &history.HistoryEvent_WorkflowTaskScheduledEventAttributes{
		WorkflowTaskScheduledEventAttributes: &history.WorkflowTaskScheduledEventAttributes{Attempt: attempt},
	}}
}

func taskDone(build string) *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, Attributes: &history.HistoryEvent_WorkflowTaskCompletedEventAttributes{
		WorkflowTaskCompletedEventAttributes: &history.WorkflowTaskCompletedEventAttributes{BinaryChecksum: build}, //nolint:staticcheck // as the SDK writes it
	}}
}

func taskFailed(cause enums.WorkflowTaskFailedCause) *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_FAILED, Attributes: &history.HistoryEvent_WorkflowTaskFailedEventAttributes{
		WorkflowTaskFailedEventAttributes: &history.WorkflowTaskFailedEventAttributes{Cause: cause},
	}}
}

func taskTimedOut() *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT, Attributes: &history.HistoryEvent_WorkflowTaskTimedOutEventAttributes{
		WorkflowTaskTimedOutEventAttributes: &history.WorkflowTaskTimedOutEventAttributes{TimeoutType: enums.TIMEOUT_TYPE_START_TO_CLOSE},
	}}
}

func marker(t *testing.T, outcome activities.Outcome, failed *failure.Failure) *history.HistoryEvent {
	t.Helper()
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_MARKER_RECORDED, Attributes: &history.HistoryEvent_MarkerRecordedEventAttributes{
		MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{MarkerName: "LocalActivity", Failure: failed,
			Details: map[string]*common.Payloads{"result": payloads(t, activities.Result{Outcome: outcome})}},
	}}
}

// activity is the three events of one that is done.
func activity(t *testing.T, name string, attempt int32, last *failure.Failure) []*history.HistoryEvent {
	t.Helper()
	return []*history.HistoryEvent{
		{EventId: 7, EventType: enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, Attributes: &history.HistoryEvent_ActivityTaskScheduledEventAttributes{
			ActivityTaskScheduledEventAttributes: &history.ActivityTaskScheduledEventAttributes{ActivityType: &common.ActivityType{Name: name}},
		}},
		{EventId: 8, EventType: enums.EVENT_TYPE_ACTIVITY_TASK_STARTED, Attributes: &history.HistoryEvent_ActivityTaskStartedEventAttributes{
			ActivityTaskStartedEventAttributes: &history.ActivityTaskStartedEventAttributes{ScheduledEventId: 7, Attempt: attempt, LastFailure: last},
		}},
		at(2, &history.HistoryEvent{EventId: 9, EventType: enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, Attributes: &history.HistoryEvent_ActivityTaskCompletedEventAttributes{
			ActivityTaskCompletedEventAttributes: &history.ActivityTaskCompletedEventAttributes{ScheduledEventId: 7, Result: payloads(t, activities.Result{Outcome: activities.Done})},
		}}),
	}
}

func TestHistoriesSayHowStepsWereTried(t *testing.T) {
	t.Parallel()
	heartbeat := &failure.Failure{FailureInfo: &failure.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failure.TimeoutFailureInfo{TimeoutType: enums.TIMEOUT_TYPE_HEARTBEAT}}}
	refused := &failure.Failure{Message: "451"}
	unreplayable := enums.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
	for name, c := range map[string]struct {
		firstTry        string
		events          []*history.HistoryEvent
		first, ordinary tries
		refused         int
		heldUp          []float64
		open            bool
	}{
		"a first try while it was disturbed, and one before": {"/2", []*history.HistoryEvent{at(-1, marker(t, activities.Done, nil)), at(2, marker(t, activities.Done, nil))},
			tries{Ended: 2, Sent: 2, Meanwhile: 1}, tries{}, 0, nil, false},
		"a first try that failed, and one that leaves it to an activity": {"/2", []*history.HistoryEvent{at(2, marker(t, "", refused)), at(2, marker(t, activities.NeedsActivity, nil))},
			tries{Ended: 2}, tries{}, 0, nil, false},
		"a task with first tries is lost":                      {"/2", []*history.HistoryEvent{taskTimedOut()}, tries{CutOff: 1}, tries{}, 0, nil, false},
		"a task without first tries is lost":                   {"", []*history.HistoryEvent{taskTimedOut()}, tries{}, tries{}, 0, nil, false},
		"an activity's third attempt, behind a lost worker":    {"", activity(t, workflows.SendSMSActivity, 3, heartbeat), tries{}, tries{Ended: 3, Sent: 1, Meanwhile: 1, CutOff: 1}, 0, nil, false},
		"an activity that was refused before":                  {"", activity(t, workflows.SendEmailActivity, 2, refused), tries{}, tries{Ended: 2, Sent: 1, Meanwhile: 1}, 0, nil, false},
		"another activity":                                     {"", activity(t, workflows.RecordFailureActivity, 1, nil), tries{}, tries{}, 0, nil, false},
		"a task that failed otherwise":                         {"/2", []*history.HistoryEvent{at(1, taskFailed(enums.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW))}, tries{}, tries{}, 0, nil, false},
		"a refused task that another worker does":              {"/2", []*history.HistoryEvent{taskScheduled(1), at(1, taskFailed(unreplayable)), taskScheduled(2), at(4, taskDone("b/2"))}, tries{}, tries{}, 1, []float64{3}, false},
		"a task that is refused four times, only one an event": {"/2", []*history.HistoryEvent{taskScheduled(1), at(1, taskFailed(unreplayable)), taskScheduled(5), at(9, taskDone("b/2"))}, tries{}, tries{}, 4, []float64{8}, false},
		"a refused task that nobody has done":                  {"/2", []*history.HistoryEvent{taskScheduled(1), at(1, taskFailed(unreplayable))}, tries{}, tries{}, 1, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := historyReader{from: noon, to: noon.Add(10 * time.Second), tries: map[shape]*tries{firstTry: {}, ordinary: {}}, builds: map[string]int{}}
			for _, event := range append([]*history.HistoryEvent{started(t, c.firstTry)}, c.events...) {
				require.NoError(t, r.event(event))
			}
			require.Equal(t, c.first, *r.tries[firstTry])
			require.Equal(t, c.ordinary, *r.tries[ordinary])
			require.Equal(t, c.refused, r.refused)
			require.Equal(t, c.heldUp, r.heldUp)
			require.Equal(t, c.open, !r.since.IsZero())
		})
	}
}
