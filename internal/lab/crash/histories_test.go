package crash

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"relance/internal/devstack/temporal/histories"
)

// The last attempt of a send is killed before its dot. Temporal knows only that
// it has timed out; the ledger knows that nothing was sent, and says so.
func TestTheLastAttemptTimesOut(t *testing.T) {
	t.Parallel()
	s := setStage(t, "")
	s.env["RELANCE_RETRY"], s.env[shapeVariable] = once, activitiesOnly
	s.doomed = s.worker(gate + before)
	toAda(s)
	s.doomed.isKilled(t)
	s.plainWorker()
	s.comesTo(s.state, "failed by claim 1; InError SendingFailed, park 1; 5 credits")
	require.Empty(t, s.accepted())
	s.starter("resume", s.ids())
	s.allThrough()

	recorded := histories.Record(t, s.outreach.Client, "activity_timeout", s.workflow(s.contacts[0]), "")
	require.Equal(t, 1, count(recorded, enums.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT))
	require.Equal(t, 3, count(recorded, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED), "the send, the record, and the send that was resumed")
}

// A first try is refused for now. The activity goes on from that, with the attempt that is
// the second: its first, which only shows people the failure, sends nothing.
func TestAFirstTryIsRefusedForNow(t *testing.T) {
	t.Parallel()
	s := setStage(t, "")
	s.plainWorker()
	refusedOnce(s)
	s.comesTo(s.state, "sent by claim 2; Completed; 4 credits")
	require.Equal(t, seen{rcpts: 2, dots: 2}, s.script.seen())
	s.goesOnAsAnActivity("first_try_refused_then_sent", 2)
}

// A first try does not come to its gate in time. Nothing has failed, and the activity does
// all of it.
func TestAFirstTryIsSlow(t *testing.T) {
	t.Parallel()
	s := setStage(t, "")
	s.env[patienceVariable] = "1ns"
	s.worker("")
	toAda(s)
	s.comesTo(s.state, "sent by claim 1; Completed; 4 credits")
	require.Equal(t, seen{rcpts: 1, dots: 1}, s.script.seen())
	s.goesOnAsAnActivity("first_try_slow", 1)
}

// goesOnAsAnActivity records a history in which a first try leaves the step to an activity
// that needs so many attempts.
func (s *stage) goesOnAsAnActivity(scenario string, attempts int32) {
	s.t.Helper()
	recorded := histories.Record(s.t, s.outreach.Client, scenario, s.workflow(s.contacts[0]), "")
	require.Equal(s.t, 1, count(recorded, enums.EVENT_TYPE_MARKER_RECORDED))
	require.Equal(s.t, 1, count(recorded, enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED))
	for _, event := range recorded.Events {
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_STARTED {
			require.Equal(s.t, attempts, event.GetActivityTaskStartedEventAttributes().GetAttempt())
		}
	}
}

// A contact is parked again and again until its history is long. Its park, and
// the resume that comes in the same task as the word that it is long, are handed
// to a second run, which parks again and waits for the fix (law 3).
func TestALongHistoryIsContinued(t *testing.T) {
	t.Parallel()
	s := setStage(t, shortHistories)
	s.plainWorker()
	withoutSender(s)
	s.comesTo(s.state, noSender(1))
	id := s.workflow(s.contacts[0])
	first := s.runOf(id)
	for park := 2; s.runOf(id) == first; park++ {
		require.Less(t, park, longAt, "the run has not been continued")
		s.starter("resume", s.ids())
		s.comesTo(s.state, noSender(park))
	}
	require.Empty(t, s.accepted())
	selectSender(s)
	s.allThrough()

	recorded := histories.Record(t, s.outreach.Client, "first_try_continued_as_new", id, first)
	require.Equal(t, 1, count(recorded, enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW))
	recorded = histories.Record(t, s.outreach.Client, "first_try_continued_as_new_second_run", id, s.runOf(id))
	require.Equal(t, 1, count(recorded, enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED))
	require.NotEmpty(t, recorded.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId())
}

func noSender(park int) string {
	return "unclaimed; InError OwnerHasNoSendingAddress, park " + strconv.Itoa(park) + "; 5 credits"
}

func (s *stage) runOf(workflowID string) string {
	s.t.Helper()
	described, err := s.outreach.Client.DescribeWorkflowExecution(context.Background(), workflowID, "")
	require.NoError(s.t, err)
	return described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}

func count(recorded *history.History, kind enums.EventType) (n int) {
	for _, event := range recorded.Events {
		if event.GetEventType() == kind {
			n++
		}
	}
	return n
}
