package activities_test

import (
	"cmp"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// leaving is an outbox with one row, a disenrollment unless kind says otherwise, of contacts 1 and 2, and a
// Temporal that runs a workflow for the first one only.
type leaving struct {
	activities.Outbox
	activities.Messenger
	kind                    campaign.OutboxKind
	signalled, ended, noted []int64
}

func (l *leaving) OpenEntries(context.Context) ([]campaign.OutboxEntry, error) {
	return []campaign.OutboxEntry{{ID: 1, Kind: cmp.Or(l.kind, campaign.OutboxDisenroll), Note: "asked to", By: "maya"}}, nil
}

func (l *leaving) Targets(_ context.Context, wake campaign.OutboxEntry, _ int) ([]campaign.Target, error) {
	if wake.Cursor > 0 {
		return nil, nil
	}
	return []campaign.Target{{Seq: 1, EnrollmentID: 1, ContactID: 1}, {Seq: 2, EnrollmentID: 2, ContactID: 2}}, nil
}

func (l *leaving) FoldTally(context.Context) error { return nil }
func (l *leaving) AdvanceCursor(context.Context, campaign.OutboxEntry, []campaign.Target) error {
	return nil
}
func (l *leaving) CloseIfDrained(context.Context, campaign.OutboxEntry) error { return nil }

// outboxOfLeaving has the Disenroll of the database: two methods of one name do not go into one type.
type outboxOfLeaving struct{ *leaving }

func (o outboxOfLeaving) Disenroll(_ context.Context, enrollmentID int64, _, _ string) (campaign.Status, error) {
	o.ended = append(o.ended, enrollmentID)
	return campaign.Disenrolled, nil
}

type messengerOfLeaving struct{ *leaving }

func (m messengerOfLeaving) Disenroll(_ context.Context, target campaign.Target, _, _ string) error {
	if target.ContactID != 1 {
		return activities.ErrNoWorkflow
	}
	m.signalled = append(m.signalled, target.ContactID)
	return nil
}

func (m messengerOfLeaving) Resume(_ context.Context, target campaign.Target, _ campaign.Resume) error {
	return m.Disenroll(context.Background(), target, "", "")
}

// Law 2: a worker that is killed between the start of a workflow and its note
// leaves one behind that PostgreSQL calls not started. Its disenrollment is
// signalled like any other; ended in PostgreSQL alone, the workflow would be in
// error for ever, and no command could end it.
func TestWhoLeavesIsToldAlthoughTheStartWasNotNoted(t *testing.T) {
	t.Parallel()
	l := &leaving{}
	wakes := &activities.Wakes{Outbox: outboxOfLeaving{l}, Messenger: messengerOfLeaving{l}, Concurrency: 1, PageSize: 10}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(wakes)
	_, err := env.ExecuteActivity(wakes.Wake)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, l.signalled)
	require.Equal(t, []int64{2}, l.ended, "an enrollment without a workflow is ended in PostgreSQL")
}
