package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"relance/workflows"
)

const endedFromOutside = `
users:
  - {key: eli, name: Eli, email: eli@ended.example}
email_accounts:
  - {address: eli@ended.example, name: Eli, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: eli, password: inbox}}
campaigns:
  - {key: e-wait, name: Wait, owner: eli, sender: eli@ended.example, steps: [{id: rest, wait: WAIT}, {id: one, email: {subject: Waited, body: B}}]}
  - {key: e-park, name: Park, owner: eli, steps: [{id: one, email: {subject: Parked, body: B}}]}
`

// endedError is one line of `starter errors -o json`, with what this test needs of it.
type endedError struct {
	ContactID                       int64
	Campaign, Code, Title, HowToFix string
	Ended                           *struct{ How string }
}

func (s *system) endedErrors(campaign string) map[int64]endedError {
	s.t.Helper()
	var list []endedError
	require.NoError(s.t, json.Unmarshal([]byte(s.run("errors", "--campaign", campaign, "-o", "json")), &list))
	found := map[int64]endedError{}
	for _, one := range list {
		found[one.ContactID] = one
	}
	return found
}

func (s *system) terminate(campaign string, id int64) {
	s.t.Helper()
	require.NoError(s.t, s.Outreach.Client.TerminateWorkflow(context.Background(), workflows.EnrollmentWorkflowID(campaign, id), "", "by hand"))
}

// sql says one statement to the database.
func (s *system) sql(statement string) {
	s.t.Helper()
	_, err := db.Exec(s.t.Context(), statement)
	require.NoError(s.t, err)
}

// remove deletes a workflow, as the Web UI does, and waits until it is gone.
func (s *system) remove(campaign string, id int64) {
	s.t.Helper()
	ctx := context.Background()
	_, err := s.Outreach.Client.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: s.Outreach.Namespace, WorkflowExecution: &common.WorkflowExecution{WorkflowId: workflows.EnrollmentWorkflowID(campaign, id)},
	})
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool {
		_, err := s.Outreach.Client.DescribeWorkflowExecution(ctx, workflows.EnrollmentWorkflowID(campaign, id), "")
		return err != nil
	}, patience, 100*time.Millisecond)
}

// Workflows that are ended in Temporal's own tools do not drop contacts in silence:
// the end is noticed by itself, said with the command that repairs it, and after that
// command each contact goes on and gets its mail once (laws 1 and 2).
func TestWorkflowsEndedFromOutsideAreNoticedAndMended(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(strings.Replace(endedFromOutside, "WAIT", "2h", 1))
	names := []string{"wter", "wdel", "pter", "pdel"}
	ids := map[string]int64{}
	for _, name := range names {
		ids[name] = s.contact(strings.ToUpper(name), name+"@ended.example")
	}
	s.run("enroll", "e-wait", "--contacts", fmt.Sprintf("%d,%d", ids["wter"], ids["wdel"]))
	s.run("enroll", "e-park", "--contacts", fmt.Sprintf("%d,%d", ids["pter"], ids["pdel"]))
	s.terminate("e-wait", ids["wter"])
	s.remove("e-wait", ids["wdel"])
	for _, name := range []string{"pter", "pdel"} {
		s.eventuallyParked("e-park", ids[name], 1)
	}
	s.terminate("e-park", ids["pter"])
	s.remove("e-park", ids["pdel"])

	// The watch leaves alone what was started a moment ago; the test does not wait for that.
	s.sql(`UPDATE enrollments SET started_at = started_at - interval '5 minutes' WHERE campaign IN ('e-wait', 'e-park')`)
	require.NoError(t, s.Outreach.Client.ScheduleClient().GetHandle(t.Context(), workflows.WatchScheduleID).
		Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	waiting, parked := map[int64]endedError{}, map[int64]endedError{}
	s.await(func() string { return fmt.Sprint("the endings are listed: ", waiting, parked) }, func() bool {
		waiting, parked = s.endedErrors("e-wait"), s.endedErrors("e-park")
		return len(waiting) == 2 && parked[ids["pter"]].Ended != nil && parked[ids["pdel"]].Ended != nil
	})
	require.Equal(t, "WorkflowEnded", waiting[ids["wter"]].Code)
	require.Equal(t, "terminated", waiting[ids["wter"]].Ended.How)
	require.Equal(t, "deleted", waiting[ids["wdel"]].Ended.How)
	require.Equal(t, "OwnerHasNoSendingAddress", parked[ids["pter"]].Code, "where it stands is not forgotten")
	require.Equal(t, "deleted", parked[ids["pdel"]].Ended.How)
	require.Contains(t, s.run("status", "e-wait"), "2 contacts cannot go on")
	require.Contains(t, s.run("campaign", "set-sender", "e-park", "eli@ended.example"), "2 contacts cannot go on: their workflow was ended from outside; starter reconcile --apply --ended repairs that")

	// The very line that is printed for one, and the one for the rest.
	line := fmt.Sprintf("starter reconcile --apply --campaign e-wait --contact %d", ids["wter"])
	require.Contains(t, s.run("errors", "--campaign", "e-wait"), line)
	s.run(strings.Fields(line)[1:]...)
	require.NotContains(t, s.endedErrors("e-wait"), ids["wter"])
	require.Contains(t, s.endedErrors("e-wait"), ids["wdel"], "nobody else was touched")
	s.run("reconcile", "--apply", "--ended")
	s.eventually("e-park", "both went on", func(c counts) bool { return c.Completed == 2 })
	s.apply(strings.Replace(endedFromOutside, "WAIT", "1s", 1))
	s.eventually("e-wait", "both went on", func(c counts) bool { return c.Completed == 2 })
	require.Empty(t, s.endedErrors("e-wait"))
	require.Empty(t, s.endedErrors("e-park"))
	for _, name := range names {
		require.Equal(t, 1, s.inboxTo(name+"@ended.example"), "%s gets one mail", name)
	}
}
