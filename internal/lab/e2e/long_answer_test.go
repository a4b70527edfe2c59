package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/internal/devstack/inbox"
	"relance/workflows"
)

const longServer = `
users:
  - {key: lena, name: Lena, email: lena@long.example}
email_accounts:
  - {address: lena@long.example, name: Lena, smtp: {host: 127.0.0.1, port: %d, tls: none, username: lena, password: inbox}}
campaigns:
  - {key: l-long, name: Long, owner: lena, sender: lena@long.example, steps: [{id: only, email: {subject: S, body: B}}, {id: second, email: {subject: S2, body: B}}]}
`

// A server may take ten minutes to answer the final dot (RFC 5321 §4.5.3.2.6), and a
// workflow task has ten seconds: heartbeats keep it, the message is sent once, and a
// signal that arrives meanwhile is not lost.
func TestAnAnswerTakesLongerThanAWorkflowTask(t *testing.T) {
	s := start(t)
	server, err := inbox.Start(t.Context(), inbox.Options{Dir: filepath.Join(t.TempDir(), "inbox"), Slow: 12 * time.Second})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	s.apply(fmt.Sprintf(longServer, server.Port()))
	id := s.contact("Lotte", "slow+lotte@long.example")
	s.run("enroll", "l-long", "--contacts", fmt.Sprint(id))
	db, err := pgx.Connect(context.Background(), s.Settings.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	state := func() (state string) {
		_ = db.QueryRow(context.Background(), `SELECT state FROM deliveries WHERE recipient = 'slow+lotte@long.example' AND step_id = 'only'`).Scan(&state)
		return state
	}
	require.Eventually(t, func() bool { return state() == "wire" }, patience, patience/5000, "the dot is never sent")
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
	require.Zero(t, lost, "no task was taken for dead")
}
