package temporalio

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Laws 1 and 4: a task that is lost again and again is one event, at its first loss. What
// its later attempts may have sent is not older than the last of them.
func TestWhenTheLastTaskWasCutOff(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const (
		out        = enums.EVENT_TYPE_WORKFLOW_TASK_STARTED
		done       = enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
		failed     = enums.EVENT_TYPE_WORKFLOW_TASK_FAILED
		timedOut   = enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
		signalled  = enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
		terminated = enums.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED
	)
	for name, test := range map[string]struct {
		events []enums.EventType // one an hour
		hours  int               // -1 is now, 0 is never
	}{
		"never":                             {[]enums.EventType{out, done, out, done}, 0},
		"a task is out":                     {[]enums.EventType{out, done, out}, -1},
		"lost, and given out again since":   {[]enums.EventType{out, timedOut, signalled}, -1},
		"failed, and given out again since": {[]enums.EventType{out, failed}, -1},
		"lost until one came through":       {[]enums.EventType{out, timedOut, out, done, signalled}, 3},
		"lost until it was terminated":      {[]enums.EventType{out, timedOut, terminated}, 3},
		"out when it was terminated":        {[]enums.EventType{out, terminated}, 2},
	} {
		read := historyReader{tries: map[int64]try{}, triesFirst: true}
		for i, kind := range test.events {
			at := timestamppb.New(begin.Add(time.Duration(i+1) * time.Hour))
			require.NoError(t, read.event(&history.HistoryEvent{EventId: int64(i + 1), EventType: kind, EventTime: at}))
		}
		switch cutOff := read.lastCutOff(); test.hours {
		case -1:
			require.WithinDuration(t, time.Now(), cutOff, time.Minute, name)
		case 0:
			require.Zero(t, cutOff, name)
		default:
			require.Equal(t, begin.Add(time.Duration(test.hours)*time.Hour), cutOff, name)
		}
		read.triesFirst = false
		require.Zero(t, read.lastCutOff(), name)
	}
}

// A task that the answering process of `starter reconcile` had and lost has sent nothing;
// one that has been given out more often since is another matter.
func TestATaskLostByTheAnsweringProcessSendsNothing(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, identity string
		attempt        int32
		cutOff         int // the hour of it, 0 for never
	}{
		{"an answering process lost the only attempt", answerer, 2, 0},
		{"and others may have lost some since", answerer, 3, 5},
		{"a worker lost it", "5289@vm@", 2, 5},
	} {
		read := historyReader{tries: map[int64]try{}, triesFirst: true}
		for i, event := range []*history.HistoryEvent{
			scheduledTask(1), startedTask(test.identity), {EventType: enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT},
			scheduledTask(test.attempt), startedTask(answerer), {EventType: enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED},
		} {
			event.EventId, event.EventTime = int64(i+1), timestamppb.New(begin.Add(time.Duration(i+1)*time.Hour))
			require.NoError(t, read.event(event))
		}
		if test.cutOff == 0 {
			require.Zero(t, read.lastCutOff(), test.name)
			continue
		}
		require.Equal(t, begin.Add(time.Duration(test.cutOff)*time.Hour), read.lastCutOff(), test.name)
	}
}

func scheduledTask(attempt int32) *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, Attributes: &history.HistoryEvent_WorkflowTaskScheduledEventAttributes{
		WorkflowTaskScheduledEventAttributes: &history.WorkflowTaskScheduledEventAttributes{Attempt: attempt},
	}}
}

func startedTask(identity string) *history.HistoryEvent {
	return &history.HistoryEvent{EventType: enums.EVENT_TYPE_WORKFLOW_TASK_STARTED, Attributes: &history.HistoryEvent_WorkflowTaskStartedEventAttributes{
		WorkflowTaskStartedEventAttributes: &history.WorkflowTaskStartedEventAttributes{Identity: identity},
	}}
}
