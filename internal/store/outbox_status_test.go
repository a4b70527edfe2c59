package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func at(rate campaign.Rate) BatchOptions { return BatchOptions{Rate: &rate} }

// Run twice, a request has the effect of once: the second takes the place of
// the first, and reaches every contact that the first has not signalled.
func TestTheSameRequestTwiceIsOne(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	for id := int64(1); id <= 3; id++ {
		b.park(id, brokenDown)
	}
	say := campaign.Resume{By: "tess"}
	first, err := b.RequestResume(b.ctx, Selection{}, say, at(2))
	require.NoError(t, err)
	require.EqualValues(t, 2, first.Rate)
	page, err := b.Targets(b.ctx, b.onlyWake(), 1)
	require.NoError(t, err)
	require.NoError(t, b.AdvanceCursor(b.ctx, b.onlyWake(), page))
	b.park(4, brokenDown) // younger than the first request

	second, err := b.RequestResume(b.ctx, Selection{}, say, BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 4, second.Count)
	require.EqualValues(t, 2, second.Rate, "as it was said before")
	require.Equal(t, second.ID, b.onlyWake().ID)
	page, err = b.Targets(b.ctx, b.onlyWake(), 10)
	require.NoError(t, err)
	require.Len(t, page, 4, "a resume names its park, so the one that is signalled again drops it")

	third, err := b.RequestResume(b.ctx, Selection{}, say, at(0))
	require.NoError(t, err)
	require.Zero(t, third.Rate)
	require.Equal(t, third.ID, b.onlyWake().ID)
	_, err = b.RequestResume(b.ctx, Selection{Code: failure.SendingFailed}, say, BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 2, one[int](b, `SELECT count(*) FROM outbox WHERE done_at IS NULL`), "another selection is another request")
	require.NoError(t, b.CloseIfDrained(b.ctx, campaign.OutboxEntry{ID: first.ID}))
	require.NoError(t, b.AdvanceCursor(b.ctx, campaign.OutboxEntry{ID: first.ID}, page), "a drain that has still the first in hand does no harm")
}

func (b *ledgerBundle) starts() []campaign.OutboxEntry {
	b.t.Helper()
	open, err := b.OpenEnrolls(b.ctx, "q4")
	require.NoError(b.t, err)
	return open
}

func (b *ledgerBundle) toStart(request campaign.OutboxEntry) []campaign.Enrollee {
	b.t.Helper()
	_, page, err := b.Unstarted(b.ctx, request, 0, 100)
	require.NoError(b.t, err)
	return page
}

func (b *ledgerBundle) unstarted(request campaign.OutboxEntry) (ids []int64) {
	b.t.Helper()
	for _, enrollee := range b.toStart(request) {
		ids = append(ids, enrollee.EnrollmentID)
	}
	return ids
}

// Each call of enroll is started at its own rate; nobody waits behind a slow one.
func TestEachEnrollIsStartedAtItsOwnRate(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.exec(`DELETE FROM outbox; DELETE FROM enrollments`)
	first, err := b.EnrollAt(b.ctx, "q4", []int64{1, 2, 3}, "test", at(0.5))
	require.NoError(t, err)
	second, err := b.EnrollAt(b.ctx, "q4", []int64{3, 4}, "test", BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Already: 1, Request: second.Request}, second)
	starts := b.starts()
	require.Len(t, starts, 2)
	require.EqualValues(t, 0.5, starts[0].Rate)
	require.Zero(t, starts[1].Rate)
	slow, quick := b.toStart(starts[0]), b.toStart(starts[1])
	require.Len(t, slow, 3)
	require.Len(t, quick, 1)

	require.NoError(t, b.MarkStarted(b.ctx, append(quick, slow[0]), true))
	for _, request := range starts {
		require.NoError(t, b.CloseIfStarted(b.ctx, request))
	}
	open, err := b.OutboxStatuses(b.ctx)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, []any{first.Request, 1, 3, campaign.OutboxEnroll}, []any{open[0].ID, open[0].Done, open[0].Total, open[0].Kind})
	left, err := b.CountUnstarted(b.ctx, "q4", first.Request)
	require.NoError(t, err)
	require.Equal(t, 2, left)

	again, err := b.EnrollAt(b.ctx, "q4", []int64{1, 2, 3, 4}, "test", at(20))
	require.NoError(t, err)
	require.Equal(t, Enrolled{Already: 4}, again)
	require.EqualValues(t, 20, b.onlyWake().Rate, "a rate that is given later goes for the contacts that are left")
	dry, err := b.EnrollAt(b.ctx, "q4", nil, "test", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Equal(t, Enrolled{Enrolled: 1, Already: 4}, dry)
}

// Law 2: an enrollment whose request is lost, or was written by an older
// program, is started all the same.
func TestWhomNoRequestSeesToIsStarted(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3) // their request is done, and they are not started
	require.Equal(t, []campaign.OutboxEntry{{Kind: campaign.OutboxEnroll, Campaign: "q4"}}, b.starts())
	require.Equal(t, []int64{1, 2, 3}, b.unstarted(b.starts()[0]))
	b.exec(`UPDATE enrollments SET request = NULL WHERE id = 2`)
	b.exec(`INSERT INTO outbox (kind, campaign) VALUES ('enroll', 'q4')`)
	require.Len(t, b.starts(), 1)
	require.Equal(t, []int64{1, 2, 3}, b.unstarted(b.starts()[0]))
	require.NoError(t, b.CloseIfStarted(b.ctx, b.starts()[0]))
	require.Len(t, b.starts(), 1, "open as long as somebody is left")
	require.NoError(t, b.MarkStarted(b.ctx, b.toStart(b.starts()[0]), true))
	require.NoError(t, b.CloseIfStarted(b.ctx, b.starts()[0]))
	require.Empty(t, b.starts())
}

func TestWhatIsUnderWayCanBeSeenSlowedAndStopped(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	b.park(1, noSender)
	b.park(2, noSender)
	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example'`)
	fixed := b.onlyWake()
	left, err := b.RequestDisenroll(b.ctx, Selection{Campaign: "q4"}, "stop", "tess", at(1))
	require.NoError(t, err)
	page, err := b.Targets(b.ctx, fixed, 1)
	require.NoError(t, err)
	require.NoError(t, b.AdvanceCursor(b.ctx, fixed, page))
	require.NoError(t, b.SetRate(b.ctx, fixed.ID, 5, "test"))
	open, err := b.OutboxStatuses(b.ctx)
	require.NoError(t, err)
	require.Len(t, open, 2)
	require.Equal(t, OutboxStatus{ID: fixed.ID, Kind: campaign.OutboxFix, Cause: failure.CampaignSender("q4"), Done: 1, Total: 2, Rate: 5, By: "test", Since: open[0].Since}, open[0])
	require.Equal(t, OutboxStatus{ID: left.ID, Kind: campaign.OutboxDisenroll, Campaign: "q4", Total: 4, Rate: 1, By: "tess", Since: open[1].Since}, open[1])

	_, err = b.Stop(b.ctx, fixed.ID, "test")
	require.ErrorIs(t, err, ErrRefused)
	stopped, err := b.Stop(b.ctx, left.ID, "test")
	require.NoError(t, err)
	require.Equal(t, 4, stopped.Total)
	_, err = b.Stop(b.ctx, left.ID, "test")
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, b.SetRate(b.ctx, left.ID, 1, "test"), ErrNotFound)
	require.Equal(t, fixed.ID, b.onlyWake().ID)
	b.exec(`UPDATE outbox SET done_at = clock_timestamp() WHERE id = $1`, fixed.ID)
	_, err = b.Stop(b.ctx, fixed.ID, "test")
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "has finished already")
	require.ErrorIs(t, b.SetRate(b.ctx, fixed.ID, 1, "test"), ErrRefused)
}
