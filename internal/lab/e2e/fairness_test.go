package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"relance/internal/campaign"
	"relance/workflows"
)

const hugeAndSmall = `
users:
  - {key: finn, name: Finn, email: finn@fair.example}
email_accounts:
  - {address: finn@fair.example, name: Finn, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: finn, password: inbox}}
campaigns:
  - {key: q-huge, name: Huge, owner: finn, sender: finn@fair.example, steps: [{id: only, email: {subject: S, body: B}}]}
  - {key: q-small-1, name: Small, owner: finn, sender: finn@fair.example, steps: [{id: only, email: {subject: S, body: B}}]}
  - {key: q-small-2, name: Small, owner: finn, sender: finn@fair.example, steps: [{id: only, email: {subject: S, body: B}}]}
  - {key: q-small-3, name: Small, owner: finn, sender: finn@fair.example, steps: [{id: only, email: {subject: S, body: B}}]}
`

// What waits in the server is dispatched campaign by campaign in turns: a contact
// that comes after a hundred of a huge campaign is not served after them.
func TestASmallCampaignIsServedBeforeTheRestOfAHugeOne(t *testing.T) {
	const crowd = 100
	s := start(t)
	s.apply(hugeAndSmall)
	people := "First Name,Last Name,Email\n"
	for n := range crowd {
		people += fmt.Sprintf("F%d,Fair,f%d@fair.example\n", n, n)
	}
	s.feed(people, "contacts", "import", "-")
	s.StopWorker()
	t.Cleanup(func() { // the other tests need it, whatever happens here
		s.StopWorker()
		require.NoError(t, s.StartWorker())
	})
	huge := s.startUnserved("q-huge", crowd)
	var small []string
	for _, key := range []string{"q-small-1", "q-small-2", "q-small-3"} {
		small = append(small, s.startUnserved(key, 1)...)
	}
	s.await(func() string { return "nobody works, and much waits" }, func() bool { // the server looks every five seconds
		lag, err := s.Outreach.Backlog(context.Background())
		require.NoError(t, err)
		return lag > 0
	})
	require.NoError(t, s.StartWorker())
	for _, key := range []string{"q-small-1", "q-small-2", "q-small-3"} {
		s.completes(key, 1)
	}
	s.completes("q-huge", crowd)
	served := s.served(huge)
	slices.SortFunc(served, time.Time.Compare)
	for i, at := range s.served(small) {
		behind, _ := slices.BinarySearchFunc(served, at, time.Time.Compare)
		t.Logf("small campaign %d was served behind %d of the huge one's %d", i+1, behind, crowd)
		require.Less(t, behind, crowd/2)
	}
}

// startUnserved enrolls contacts and starts their workflows while no worker runs.
func (s *system) startUnserved(key string, n int) (workflowIDs []string) {
	s.t.Helper()
	ctx := context.Background()
	rows, err := db.Query(ctx, `SELECT id FROM contacts WHERE email LIKE '%@fair.example' ORDER BY id LIMIT $1`, n)
	require.NoError(s.t, err)
	contacts, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(s.t, err)
	require.Len(s.t, contacts, n)
	s.run("enroll", key, "--wait=false", "--contacts", strings.Trim(strings.ReplaceAll(fmt.Sprint(contacts), " ", ","), "[]"))
	rows, err = db.Query(ctx, `SELECT contact_id, id FROM enrollments WHERE campaign = $1 ORDER BY id`, key)
	require.NoError(s.t, err)
	var enrollee campaign.Enrollee
	of := campaign.Campaign{Key: key, Name: key, Steps: []campaign.Step{{ID: "only", Kind: campaign.Email}}}
	_, err = pgx.ForEachRow(rows, []any{&enrollee.ContactID, &enrollee.EnrollmentID}, func() error {
		workflowIDs = append(workflowIDs, workflows.EnrollmentWorkflowID(key, enrollee.ContactID))
		_, err := s.Outreach.StartEnrollment(ctx, of, enrollee)
		return err
	})
	require.NoError(s.t, err)
	return workflowIDs
}

// served says when the first task of each workflow was given to a worker.
func (s *system) served(workflowIDs []string) (at []time.Time) {
	s.t.Helper()
	for _, id := range workflowIDs {
		history := s.Outreach.Client.GetWorkflowHistory(context.Background(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			require.NoError(s.t, err)
			if event.EventType == enums.EVENT_TYPE_WORKFLOW_TASK_STARTED {
				at = append(at, event.EventTime.AsTime())
				break
			}
		}
	}
	require.Len(s.t, at, len(workflowIDs))
	return at
}
