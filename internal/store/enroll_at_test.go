package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// An enrollment that begins later is there at once, and nobody starts it before.
func TestEnrollAt(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, 5) AS i`)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	later, err := b.EnrollAt(b.ctx, "q4", []int64{1, 2, 3}, "test", BatchOptions{At: at})
	require.NoError(t, err)
	require.Equal(t, 3, later.Enrolled)
	require.True(t, later.At.Equal(at))
	require.Equal(t, campaign.Waiting, b.status(1))
	require.True(t, one[time.Time](b, `SELECT next_at FROM enrollments WHERE id = 1`).Equal(at))
	now, err := b.Enroll(b.ctx, "q4", []int64{3, 4}, "test", false)
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Already: 1, Request: now.Request}, now, "they are enrolled already")

	open, err := b.OpenEnrolls(b.ctx, "q4")
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, now.Request, open[0].ID)
	_, page, err := b.Unstarted(b.ctx, open[0], 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.EqualValues(t, 4, page[0].ContactID)
	left, err := b.CountUnstarted(b.ctx, "q4", 0)
	require.NoError(t, err)
	require.Equal(t, 1, left, "those who begin later are not waited for")
	require.NoError(t, b.MarkStarted(b.ctx, page[:1], false))
	require.NoError(t, b.CloseIfStarted(b.ctx, open[0]))
	open, err = b.OpenEnrolls(b.ctx, "q4")
	require.NoError(t, err)
	require.Empty(t, open, "an entry for those that no request sees to takes none of them")
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Empty(t, entries, "the drain does not ask for them each minute")
	statuses, err := b.OutboxStatuses(b.ctx)
	require.NoError(t, err)
	require.Len(t, statuses, 1)
	require.True(t, statuses[0].NotBefore.Equal(at))

	b.exec(`UPDATE outbox SET not_before = now() WHERE id = $1`, later.Request)
	entries, err = b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	open, err = b.OpenEnrolls(b.ctx, "q4")
	require.NoError(t, err)
	require.Len(t, open, 1)
	_, page, err = b.Unstarted(b.ctx, open[0], 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 3)
	_, err = b.Stop(b.ctx, later.Request, "test")
	require.ErrorIs(t, err, ErrRefused, "it has begun")
	delivery := b.claim(b.attempt(1))
	require.Equal(t, campaign.Reserved, delivery.State, "its wait is over")
}

func TestAnEnrollThatHasNotBegunIsStopped(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	b.exec(`INSERT INTO contacts (first_name, email) SELECT 'C', 'c' || i || '@contoso.example' FROM generate_series(1, 3) AS i`)
	later, err := b.EnrollAt(b.ctx, "q4", nil, "test", BatchOptions{At: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	status, err := b.Disenroll(b.ctx, 2, 0, "asked", "maya")
	require.NoError(t, err)
	require.Equal(t, campaign.Disenrolled, status, "one of them, without a workflow")
	stopped, err := b.Stop(b.ctx, later.Request, "maya")
	require.NoError(t, err)
	require.Equal(t, 3, stopped.Total)
	for id := int64(1); id <= 3; id++ {
		require.Equal(t, campaign.Disenrolled, b.status(id))
	}
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM notes WHERE kind = 'disenrolled' AND text = 'stopped before it began' AND by = 'maya'`))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM activity WHERE kind = 'stopped' AND count = 2`))
	_, err = b.Stop(b.ctx, later.Request, "maya")
	require.ErrorIs(t, err, ErrRefused)
	left, err := b.CountUnstarted(b.ctx, "q4", 0)
	require.NoError(t, err)
	require.Zero(t, left)
}
