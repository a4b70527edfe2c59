package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/store"
	"relance/workflows"
)

func takenOn(more string) string {
	return `
users:
  - {key: sven, name: Sven, email: sven@taken.example}
email_accounts:
  - {address: sven@taken.example, name: Sven, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: sven, password: inbox}}
campaigns:
  - {key: e-taken, name: Taken on, owner: sven, sender: sven@taken.example, steps: [{id: first, email: {subject: First, body: B}}` + more + `]}
`
}

// Law 2: somebody has had the last mail, and no worker has ended the workflow yet. A step is added, and
// the contact is taken on: the start finds a workflow that is about to end, and must not leave it at that.
func TestSomebodyIsTakenOnBeforeTheWorkflowHasEnded(t *testing.T) {
	s := start(t)
	s.apply(takenOn(""))
	ids := []int64{s.contact("Sanna", "drop+sanna@taken.example"), s.contact("Stig", "drop+stig@taken.example")}
	s.run("enroll", "e-taken", "--contacts", strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]"))
	s.eventually("e-taken", "nobody knows of both", func(c counts) bool { return c.InError == 2 })
	for i, name := range []string{"sanna", "stig"} {
		s.run("contacts", "set", fmt.Sprint(ids[i]), "--email", "slow+"+name+"@taken.example")
	}
	for i := range ids { // an activity tries what an update resumes: its answer is in the history before the end is
		_, err := s.Outreach.Client.UpdateWorkflow(t.Context(), updateOf("e-taken", ids[i], campaign.Resume{Assume: campaign.AssumeNotSent}))
		require.NoError(t, err)
	}
	look, err := pgx.Connect(t.Context(), s.Settings.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = look.Close(t.Context()) })
	require.Eventually(t, func() bool {
		var onWire int
		err := look.QueryRow(t.Context(), `SELECT count(*) FROM deliveries WHERE state = 'wire' AND recipient LIKE 'slow+%@taken.example'`).Scan(&onWire)
		return err == nil && onWire == 2
	}, patience, patience/5000, "the dots are never sent")
	s.StopWorker()
	running := true
	t.Cleanup(func() {
		if !running {
			require.NoError(t, s.StartWorker())
		}
	})
	running = false
	require.Equal(t, 2, s.status("e-taken").Completed)
	for _, id := range ids {
		described, err := s.Outreach.Client.DescribeWorkflowExecution(t.Context(), workflows.EnrollmentWorkflowID("e-taken", id), "")
		require.NoError(t, err)
		require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, described.GetWorkflowExecutionInfo().GetStatus(), "its workflow is still open")
	}

	s.apply(takenOn(`, {wait: 1s}, {id: added, email: {subject: Added, body: B}}`))
	s.run("enroll", "e-taken", "--continue", "--wait=false")
	db, err := store.Open(t.Context(), s.Settings.DatabaseURL, s.Settings.SecretKey)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	starts := &activities.Starts{Register: db, Starter: s.Outreach, Concurrency: 1, PageSize: 10, Steps: &activities.RecentSteps{}}
	for range 2 { // the first answer is lost
		_, err := look.Exec(t.Context(), `UPDATE enrollments SET started_at = NULL, request = NULL WHERE campaign = 'e-taken'`)
		require.NoError(t, err)
		few, err := starts.StartFew(t.Context(), "e-taken")
		require.NoError(t, err)
		require.Equal(t, activities.Few{Started: 2}, few)
	}
	require.NoError(t, s.StartWorker())
	running = true
	s.eventually("e-taken", "both have the second mail", func(c counts) bool { return c.Completed == 2 && c.Sent == 4 }) // those that were called not sent do not count
	for _, name := range []string{"sanna", "stig"} {
		require.Equal(t, 2, s.inboxTo("slow+"+name+"@taken.example"))
	}
	s.record("follows_taken_on_before_its_end", workflows.EnrollmentWorkflowID("e-taken", ids[0]))
}
