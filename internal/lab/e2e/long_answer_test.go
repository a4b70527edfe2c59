package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/internal/devstack/inbox"
	"relance/workflows"
)

const longServer = `
users:
  - {key: lone, name: Lone, email: lone@long.example}
email_accounts:
  - {address: lone@long.example, name: Lone, smtp: {host: 127.0.0.1, port: %d, tls: none, username: lone, password: inbox}}
campaigns:
  - {key: l-long, name: Long, owner: lone, sender: lone@long.example, steps: [{id: only, email: {subject: S, body: B}}, {id: second, email: {subject: S2, body: B}}]}
`

// A server may take ten minutes to answer the final dot (RFC 5321 §4.5.3.2.6), and a
// workflow task has ten seconds: heartbeats keep it, the message is sent once, and a
// signal that arrives meanwhile is not lost.
func TestAnAnswerTakesLongerThanAWorkflowTask(t *testing.T) {
	t.Parallel()
	s := start(t)
	server, err := inbox.Start(t.Context(), inbox.Options{Dir: filepath.Join(t.TempDir(), "inbox"), Slow: 12 * time.Second})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	s.apply(fmt.Sprintf(longServer, server.Port()))
	id := s.contact("Lotte", "slow+lotte@long.example")
	s.run("enroll", "l-long", "--contacts", fmt.Sprint(id))
	state := func() (state string) {
		_ = db.QueryRow(context.Background(), `SELECT state FROM deliveries WHERE recipient = 'slow+lotte@long.example' AND step_id = 'only'`).Scan(&state)
		return state
	}
	stalled := stalls(t)
	s.await(func() string { return "the dot is sent" }, func() bool { return state() == "wire" })
	s.run("disenroll", fmt.Sprint(id), "--campaign", "l-long", "--reason", "said on the phone")
	s.eventually("l-long", "disenrolled", func(c counts) bool { return c.Disenrolled == 1 })
	require.Equal(t, "sent", state(), "the answer was waited for")
	require.Equal(t, 1, server.Accepted(), "the second step was not sent")

	run := s.Outreach.Client.GetWorkflow(context.Background(), workflows.EnrollmentWorkflowID("l-long", id), "")
	var result workflows.EnrollmentResult
	require.NoError(t, run.Get(context.Background(), &result))
	require.Equal(t, 1, result.Sent)
	require.Equal(t, "said on the phone", result.Reason)
	s.record("first_try_answer_longer_than_a_task", run.GetID())
	lost := 0
	events := s.Outreach.Client.GetWorkflowHistory(context.Background(), run.GetID(), "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT {
			lost++
		}
	}
	if longest := stalled(); longest < time.Second {
		require.Zero(t, lost, "no task was taken for dead")
	} else {
		t.Logf("this process, the worker's, was held up for %v: %d tasks were taken for dead", longest, lost)
	}
}

// stalls follows for how long this process is held up at a time. A heartbeat comes two seconds before its task is taken
// for dead; half of that is for its way.
func stalls(t *testing.T) (longest func() time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	told := make(chan time.Duration, 1)
	go func() {
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		most, last := time.Duration(0), time.Now()
		for ctx.Err() == nil {
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
			now := time.Now()
			most, last = max(most, now.Sub(last)), now
		}
		told <- most
	}()
	return func() time.Duration { stop(); return <-told }
}
