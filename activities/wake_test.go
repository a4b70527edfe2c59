package activities_test

import (
	"cmp"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

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
	targets                 []campaign.Target // instead of those
	signalled, ended, noted []int64
	firstVisits             []int // of those that were ended
}

func (l *leaving) OpenEntries(context.Context) ([]campaign.OutboxEntry, error) {
	return []campaign.OutboxEntry{{ID: 1, Kind: cmp.Or(l.kind, campaign.OutboxDisenroll), Note: "asked to", By: "maya"}}, nil
}

func (l *leaving) Targets(_ context.Context, wake campaign.OutboxEntry, _ int) ([]campaign.Target, error) {
	if wake.Cursor > 0 {
		return nil, nil
	}
	if l.targets != nil {
		return l.targets, nil
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

func (o outboxOfLeaving) Disenroll(_ context.Context, enrollmentID int64, firstVisit int, _, _ string) (campaign.Status, error) {
	o.firstVisits = append(o.firstVisits, firstVisit)
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

// deadOutbox has every call hang once: the other end of its connection is gone.
type deadOutbox struct {
	activities.Outbox
	hung map[string]bool
}

func (d *deadOutbox) hangs(ctx context.Context, call string) error {
	if d.hung[call] {
		return nil
	}
	d.hung[call] = true
	<-ctx.Done()
	return ctx.Err()
}

func (d *deadOutbox) FoldTally(ctx context.Context) error { return d.hangs(ctx, "fold") }

func (d *deadOutbox) OpenEntries(ctx context.Context) ([]campaign.OutboxEntry, error) {
	if err := d.hangs(ctx, "open"); err != nil {
		return nil, err
	}
	return d.Outbox.OpenEntries(ctx)
}

func (d *deadOutbox) Targets(ctx context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error) {
	if err := d.hangs(ctx, "targets"); err != nil {
		return nil, err
	}
	return d.Outbox.Targets(ctx, entry, limit)
}

func (d *deadOutbox) Disenroll(ctx context.Context, enrollmentID int64, firstVisit int, reason, by string) (campaign.Status, error) {
	if err := d.hangs(ctx, "disenroll"); err != nil {
		return "", err
	}
	return d.Outbox.Disenroll(ctx, enrollmentID, firstVisit, reason, by)
}

func (d *deadOutbox) AdvanceCursor(ctx context.Context, _ campaign.OutboxEntry, _ []campaign.Target) error {
	return d.hangs(ctx, "advance")
}

func (d *deadOutbox) CloseIfDrained(ctx context.Context, _ campaign.OutboxEntry) error {
	return d.hangs(ctx, "close")
}

// A drain on a connection whose other end is gone keeps its heartbeat, so nobody takes its place: it gives
// each call up by itself, and the next attempt goes on.
func TestADrainDoesNotWaitForADeadConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &leaving{}
		wakes := &activities.Wakes{Outbox: &deadOutbox{Outbox: outboxOfLeaving{l}, hung: map[string]bool{}}, Messenger: messengerOfLeaving{l}, Concurrency: 1, PageSize: 10}
		began, tries := time.Now(), 0
		for err := errors.New("not tried yet"); err != nil; tries++ {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			env.SetTestTimeout(time.Hour)
			env.RegisterActivity(wakes)
			_, err = env.ExecuteActivity(wakes.Wake)
			require.NotErrorIs(t, err, context.Canceled)
		}
		require.Less(t, time.Since(began), 10*time.Minute)
		require.Equal(t, 6, tries, "each call but the fold's ends one")
		require.Equal(t, []int64{1, 2}, l.ended[len(l.ended)-2:])
	})
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
	require.Equal(t, []int64{1, 2}, l.ended, "one whose start is not noted is ended in PostgreSQL, too: it may have no workflow, or one that is about to end")
}

// Who is enrolled again and leaves before the round's workflow is started: what takes the signal up may be the
// workflow of the round before, which ends its own round and no other. So this one is ended in PostgreSQL as
// well (laws 2 and 9), after the signal: ended before it, it would not be listed for a second try.
func TestWhoLeavesBeforeTheRoundIsStarted(t *testing.T) {
	t.Parallel()
	target := campaign.Target{Seq: 1, EnrollmentID: 7, ContactID: 1, VisitBase: 2}
	for _, test := range []struct {
		target campaign.Target
		kind   campaign.OutboxKind
		ended  []int64
	}{
		{target, campaign.OutboxDisenroll, []int64{7}},
		{target, campaign.OutboxStop, nil},
		{campaign.Target{Seq: 1, EnrollmentID: 7, ContactID: 1, VisitBase: 2, Started: true}, campaign.OutboxDisenroll, nil},
		{campaign.Target{Seq: 1, EnrollmentID: 7, ContactID: 1}, campaign.OutboxDisenroll, []int64{7}}, // it was taken on, and the run of before has done its last step
		{campaign.Target{Seq: 1, EnrollmentID: 7, ContactID: 1, Started: true}, campaign.OutboxDisenroll, nil},
		{campaign.Target{Seq: 1, EnrollmentID: 7, ContactID: 2, VisitBase: 2, Started: true}, campaign.OutboxDisenroll, []int64{7}},
	} {
		l := &leaving{kind: test.kind, targets: []campaign.Target{test.target}}
		wakes := &activities.Wakes{Outbox: outboxOfLeaving{l}, Messenger: messengerOfLeaving{l}, Concurrency: 1, PageSize: 10}
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.RegisterActivity(wakes)
		_, err := env.ExecuteActivity(wakes.Wake)
		require.NoError(t, err)
		require.Equal(t, test.target.ContactID == 1, len(l.signalled) == 1, "%+v", test)
		require.Equal(t, test.ended, l.ended, "%+v", test)
		if test.ended != nil {
			require.Equal(t, []int{test.target.VisitBase + 1}, l.firstVisits, "its own round")
		}
	}
}
