package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/devstack/inbox"
	"relance/internal/store"
	"relance/workflows"
)

func takenOn(port int, more string) string {
	return strings.Replace(`
users:
  - {key: sven, name: Sven, email: sven@taken.example}
email_accounts:
  - {address: sven@taken.example, name: Sven, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: sven, password: inbox}}
campaigns:
  - {key: e-taken, name: Taken on, owner: sven, sender: sven@taken.example, steps: [{id: first, email: {subject: First, body: B}}`+more+`]}
`, "PORT", fmt.Sprint(port), 1)
}

// Law 2: somebody has had the last mail, and no worker has ended the workflow yet. A step is added, and
// the contact is taken on: the start finds a workflow that is about to end, and must not leave it at that.
func TestSomebodyIsTakenOnBeforeTheWorkflowHasEnded(t *testing.T) {
	s := start(t)
	dir, both, held := filepath.Join(t.TempDir(), "inbox"), make(chan struct{}), atomic.Int32{}
	server, err := inbox.Start(t.Context(), inbox.Options{Dir: dir, OnData: func(to []string, _ []byte) *inbox.Reply {
		if !strings.HasPrefix(to[0], "held+") {
			return nil
		}
		switch held.Add(1) {
		case 1: // the first dot waits for the second
		case 2:
			close(both)
		default:
			return nil
		}
		select {
		case <-both:
			return &inbox.Reply{Accept: true, Delay: 5 * time.Second} // in which the worker is stopped
		case <-t.Context().Done():
			return nil
		}
	}})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	s.apply(takenOn(server.Port(), ""))
	ids := []int64{s.contact("Sanna", "drop+sanna@taken.example"), s.contact("Stig", "drop+stig@taken.example")}
	s.run("enroll", "e-taken", "--contacts", strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]"))
	s.eventually("e-taken", "nobody knows of both", func(c counts) bool { return c.InError == 2 })
	for i, name := range []string{"sanna", "stig"} {
		s.run("contacts", "set", fmt.Sprint(ids[i]), "--email", "held+"+name+"@taken.example")
	}
	for i := range ids { // an activity tries what an update resumes: its answer is in the history before the end is
		_, err := s.Outreach.Client.UpdateWorkflow(t.Context(), updateOf("e-taken", ids[i], campaign.Resume{Assume: campaign.AssumeNotSent}))
		require.NoError(t, err)
	}
	select {
	case <-both:
	case <-time.After(patience):
		t.Fatal("the dots are never sent")
	}
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

	s.apply(takenOn(server.Port(), `, {wait: 1s}, {id: added, email: {subject: Added, body: B}}`))
	s.run("enroll", "e-taken", "--continue", "--wait=false")
	register, err := store.Open(t.Context(), s.Settings.DatabaseURL, s.Settings.SecretKey)
	require.NoError(t, err)
	t.Cleanup(register.Close)
	starts := &activities.Starts{Register: register, Starter: s.Outreach, Concurrency: 1, PageSize: 10, Steps: &activities.RecentSteps{}}
	for range 2 { // the first answer is lost
		_, err := db.Exec(t.Context(), `UPDATE enrollments SET started_at = NULL, request = NULL WHERE campaign = 'e-taken'`)
		require.NoError(t, err)
		few, err := starts.StartFew(t.Context(), "e-taken")
		require.NoError(t, err)
		require.Equal(t, activities.Few{Started: 2}, few)
	}
	require.NoError(t, s.StartWorker())
	running = true
	s.eventually("e-taken", "both have the second mail", func(c counts) bool { return c.Completed == 2 && c.Sent == 4 }) // those that were called not sent do not count
	for _, name := range []string{"sanna", "stig"} {
		require.Len(t, s.mailsKept(dir, "held+"+name+"@taken.example"), 2)
	}
	s.record("follows_taken_on_before_its_end", workflows.EnrollmentWorkflowID("e-taken", ids[0]))
}
