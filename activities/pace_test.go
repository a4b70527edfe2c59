package activities_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
)

// manyRows is an outbox in memory, and a Temporal that notes which row each signal was for.
type manyRows struct {
	activities.Outbox
	activities.Messenger
	mutex sync.Mutex
	rows  []*aRow
	// signalled are the rows of the signals, in order; onSignal sees each of them.
	signalled []int64
	onSignal  func(row *aRow)
}

type aRow struct {
	campaign.OutboxEntry
	left int
	done bool
}

func (m *manyRows) add(id int64, left int, rate campaign.Rate) *aRow {
	row := &aRow{OutboxEntry: campaign.OutboxEntry{ID: id, Kind: campaign.OutboxFix, Rate: rate}, left: left}
	m.rows = append(m.rows, row)
	return row
}

func (m *manyRows) OpenEntries(context.Context) ([]campaign.OutboxEntry, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var open []campaign.OutboxEntry
	for _, row := range m.rows {
		if !row.done {
			open = append(open, row.OutboxEntry)
		}
	}
	return open, nil
}

func (m *manyRows) FoldTally(context.Context) error { return nil }

func (m *manyRows) row(entry campaign.OutboxEntry) *aRow {
	for _, row := range m.rows {
		if row.ID == entry.ID {
			return row
		}
	}
	return nil
}

func (m *manyRows) Targets(_ context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	page := make([]campaign.Target, min(limit, m.row(entry).left))
	for i := range page {
		page[i].EnrollmentID = entry.ID
	}
	return page, nil
}

func (m *manyRows) AdvanceCursor(_ context.Context, entry campaign.OutboxEntry, page []campaign.Target) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	row := m.row(entry)
	row.left -= len(page)
	if m.onSignal != nil {
		m.onSignal(row)
	}
	return nil
}

func (m *manyRows) CloseIfDrained(_ context.Context, entry campaign.OutboxEntry) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.row(entry).done = true
	return nil
}

func (m *manyRows) Resume(_ context.Context, target campaign.Target, _ campaign.Resume) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.signalled = append(m.signalled, target.EnrollmentID)
	return nil
}

func (m *manyRows) Disenroll(context.Context, int64, int, string, string) (campaign.Status, error) {
	return campaign.Disenrolled, nil
}

type messengerOfRows struct {
	activities.Messenger
	*manyRows
}

func (m messengerOfRows) Resume(ctx context.Context, target campaign.Target, resume campaign.Resume) error {
	return m.manyRows.Resume(ctx, target, resume)
}

func (m messengerOfRows) Disenroll(context.Context, campaign.Target, string, string) error {
	return nil
}

func (m messengerOfRows) Unpause(context.Context, campaign.Target) error { return nil }
func (m messengerOfRows) KeepEnrolling(context.Context, string) error    { return nil }

// wake runs the activity to its end and returns how many it says it has signalled.
func (m *manyRows) wake(t *testing.T, ceiling campaign.Rate) int {
	t.Helper()
	result, err := m.wakeUntil(nil, ceiling)
	require.NoError(t, err)
	return result.Signalled
}

// wakeUntil is wake on a worker that stops when stop is closed.
func (m *manyRows) wakeUntil(stop chan struct{}, ceiling campaign.Rate) (result activities.WakeResult, err error) {
	wakes := &activities.Wakes{
		Outbox: m, Messenger: messengerOfRows{manyRows: m}, Concurrency: 1, PageSize: 2,
		Pace: activities.Pace{Turn: time.Millisecond, Ceiling: activities.NewCeiling(ceiling)},
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerStopChannel(stop)
	env.RegisterActivity(wakes)
	value, err := env.ExecuteActivity(wakes.Wake)
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

// Law 3: a row that takes an hour keeps no other waiting, not even a fix that
// comes meanwhile. Here the slow one takes one contact an hour, and is given up
// only when the others have been signalled.
func TestASlowRowKeepsNoOtherWaiting(t *testing.T) {
	t.Parallel()
	m := &manyRows{}
	slow := m.add(1, 100, 1.0/3600)
	m.add(2, 5, 0)
	m.onSignal = func(row *aRow) {
		switch {
		case row.ID == 2 && row.left == 0:
			m.add(3, 3, 0) // a fix, while the activity runs
		case row.ID == 3 && row.left == 0:
			slow.left = 0 // its contacts have gone on by themselves
			slow.Rate = 0 // an operator has taken the brake off
		}
	}
	require.Equal(t, 9, m.wake(t, 0))
	require.Equal(t, []int64{1, 2, 2, 2, 2, 2, 3, 3, 3}, m.signalled)
	for _, row := range m.rows {
		require.True(t, row.done, "row %d", row.ID)
	}
}

// Long rows take turns, a page each.
func TestRowsTakeTurns(t *testing.T) {
	t.Parallel()
	m := &manyRows{}
	m.add(1, 5, 0)
	m.add(2, 3, 0)
	require.Equal(t, 8, m.wake(t, 0))
	require.Equal(t, []int64{1, 1, 2, 2, 1, 1, 2, 1}, m.signalled)
}

// A row whose last contact was its last share is done at once, not an hour later.
func TestTheLastShareEndsARow(t *testing.T) {
	t.Parallel()
	m := &manyRows{}
	m.add(1, 1, 1.0/3600)
	require.Equal(t, 1, m.wake(t, 0))
	require.True(t, m.rows[0].done)
}

func TestRatesAndACeilingReachEveryTarget(t *testing.T) {
	t.Parallel()
	m := &manyRows{}
	m.add(1, 7, 2000)
	m.add(2, 7, 0)
	require.Equal(t, 14, m.wake(t, 1000))
}

// A worker that stops leaves a row of many hours to the next attempt, and stops at once.
func TestAStoppingWorkerHandsOver(t *testing.T) {
	t.Parallel()
	for name, ceiling := range map[string]campaign.Rate{"the row's rate": 0, "the worker's ceiling": 1.0 / 3600} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, stop := &manyRows{}, make(chan struct{})
			slow := m.add(1, 100, 1.0/3600)
			m.onSignal = func(*aRow) { close(stop) }
			_, err := m.wakeUntil(stop, ceiling)
			require.ErrorContains(t, err, "this worker stops; the next attempt goes on from here")
			require.Equal(t, 99, slow.left)
		})
	}
}
