package activities_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
		began := time.Now()
		for err := errors.New("not tried yet"); err != nil; {
			var suite testsuite.WorkflowTestSuite
			env := suite.NewTestActivityEnvironment()
			env.SetTestTimeout(time.Hour)
			env.RegisterActivity(wakes)
			_, err = env.ExecuteActivity(wakes.Wake)
			require.NotErrorIs(t, err, context.Canceled)
		}
		require.Less(t, time.Since(began), 10*time.Minute)
		require.Subset(t, l.ended, []int64{1, 2})
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

// numberedRow is an outbox with one row of contacts 1 to n, and a Temporal in which some cannot be signalled.
type numberedRow struct {
	activities.Outbox
	n         int64
	cursor    int64
	closed    bool
	fails     map[int64]int // so many times
	signalled []int64
	tried     int
	onSignal  func(contact int64)
}

func (r *numberedRow) OpenEntries(context.Context) ([]campaign.OutboxEntry, error) {
	if r.closed {
		return nil, nil
	}
	return []campaign.OutboxEntry{{ID: 1, Kind: campaign.OutboxFix, Cursor: r.cursor}}, nil
}

func (r *numberedRow) Targets(_ context.Context, entry campaign.OutboxEntry, limit int) (page []campaign.Target, _ error) {
	for seq := entry.Cursor + 1; seq <= r.n && len(page) < limit; seq++ {
		page = append(page, campaign.Target{Seq: seq, ContactID: seq, ParkID: 1})
	}
	return page, nil
}

func (r *numberedRow) AdvanceCursor(_ context.Context, entry campaign.OutboxEntry, page []campaign.Target) error {
	to := page[len(page)-1].Seq
	if entry.Left > 0 {
		to = min(to, entry.Left-1)
	}
	r.cursor = max(r.cursor, to)
	return nil
}

func (r *numberedRow) CloseIfDrained(context.Context, campaign.OutboxEntry) error {
	r.closed = true
	return nil
}

func (r *numberedRow) FoldTally(context.Context) error { return nil }

type messengerOfNumbered struct {
	activities.Messenger
	row *numberedRow
}

func (m messengerOfNumbered) Resume(_ context.Context, target campaign.Target, _ campaign.Resume) error {
	m.row.tried++
	if m.row.onSignal != nil {
		m.row.onSignal(target.ContactID)
	}
	if m.row.fails[target.ContactID] > 0 {
		m.row.fails[target.ContactID]--
		return errors.New("the history of this workflow takes no more signals")
	}
	m.row.signalled = append(m.row.signalled, target.ContactID)
	return nil
}

// wake runs the activity on a worker that stops when stop is closed.
func (r *numberedRow) wake(stop chan struct{}, pageSize int) error {
	wakes := &activities.Wakes{Outbox: r, Messenger: messengerOfNumbered{row: r}, Concurrency: 1, PageSize: pageSize}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(time.Hour)
	env.SetWorkerStopChannel(stop)
	env.RegisterActivity(wakes)
	_, err := env.ExecuteActivity(wakes.Wake)
	return err
}

// Law 3: one that cannot be signalled keeps no other waiting, and is tried again: it alone, for
// as long as the run lives, and by the next run, since the row stays open and its cursor before it.
func TestOneThatCannotBeSignalledKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 2, 10} {
		t.Run(fmt.Sprint(pageSize), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &numberedRow{n: 5, fails: map[int64]int{1: 3, 3: 2}}
				require.NoError(t, r.wake(nil, pageSize))
				require.Equal(t, []int64{2, 4, 5, 3, 1}, r.signalled)
				require.True(t, r.closed)

				r, stop := &numberedRow{n: 3, fails: map[int64]int{1: 100}}, make(chan struct{})
				r.onSignal = func(contact int64) {
					if contact == 3 {
						close(stop)
					}
				}
				require.Error(t, r.wake(stop, pageSize))
				require.Equal(t, []int64{2, 3}, r.signalled)
				require.False(t, r.closed)
				require.Zero(t, r.cursor)
			})
		})
	}
}

// Many in a row that cannot be signalled are no server at fault while others can: each of those is signalled once.
func TestManyThatCannotBeSignalledKeepNoOtherWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &numberedRow{n: 100, fails: map[int64]int{}}
		for contact := int64(2); contact <= 61; contact++ {
			r.fails[contact] = 1
		}
		require.NoError(t, r.wake(nil, 100))
		require.Len(t, r.signalled, 100)
		require.Equal(t, int64(62), r.signalled[1])
		require.Equal(t, 160, r.tried)
	})
}

// When nobody can be signalled the server is at fault: not all are tried.
func TestNotAllAreTriedWhenNobodyCanBeSignalled(t *testing.T) {
	t.Parallel()
	for _, pageSize := range []int{1, 500} {
		r := &numberedRow{n: 500, fails: map[int64]int{}}
		for contact := range r.n {
			r.fails[contact+1] = 2
		}
		require.ErrorContains(t, r.wake(nil, pageSize), "takes no more signals")
		require.Equal(t, 32, r.tried)
		require.Zero(t, r.cursor)
	}
}
