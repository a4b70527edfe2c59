package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// drain signals all that an entry selects.
func (b *ledgerBundle) drain(entry campaign.OutboxEntry) {
	b.t.Helper()
	for {
		page, err := b.Targets(b.ctx, entry, 2)
		require.NoError(b.t, err)
		if len(page) == 0 {
			require.NoError(b.t, b.CloseIfDrained(b.ctx, entry))
			return
		}
		require.NoError(b.t, b.AdvanceCursor(b.ctx, entry, page))
		entry.Cursor = page[len(page)-1].Seq
	}
}

// resumed is what a worker does with a contact that was signalled: it parks again on the
// same problem, or goes on when there is none.
func (b *ledgerBundle) resumed(id int64, again *failure.Problem) {
	b.t.Helper()
	attempt := b.attempt(id)
	attempt.ResumedPark, attempt.Resume = 1, &campaign.Resume{By: "test"}
	_, err := b.Hold(b.ctx, attempt, func(campaign.Facts) campaign.Finding {
		return campaign.Finding{Problem: again, Until: time.Now().Add(time.Hour)}
	})
	require.NoError(b.t, err)
}

func TestAFixIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 7)
	for id := int64(1); id <= 5; id++ {
		b.park(id, noSender)
	}
	b.exec(`INSERT INTO ended_workflows (enrollment_id, how) VALUES (5, 'terminated')`)
	account, change, err := b.Pacing(5).SetSender(b.ctx, "q4", "maya@northwind.example", "lea")
	require.NoError(t, err)
	require.NotNil(t, account)
	require.Zero(t, change.Request, "nothing was changed")
	b.exec(`UPDATE campaigns SET sender = NULL`)
	_, change, err = b.Pacing(5).SetSender(b.ctx, "q4", "maya@northwind.example", "lea")
	require.NoError(t, err)
	fix := b.onlyWake()
	require.Equal(t, fix.ID, change.Request)
	require.EqualValues(t, 5, fix.Rate)

	at := func() Request {
		t.Helper()
		one, err := b.Request(b.ctx, change.Request)
		require.NoError(t, err)
		return one
	}
	page, err := b.Targets(b.ctx, fix, 2)
	require.NoError(t, err)
	require.NoError(t, b.AdvanceCursor(b.ctx, fix, page))
	b.resumed(1, nil)
	now := at()
	require.Equal(t, []int{2, 5, 4, 1, 1, 0}, []int{now.Done, now.Total, now.Still, now.Ended, now.GoneOn(), now.Again})
	require.Equal(t, "lea", now.By)
	require.Nil(t, now.DoneAt)

	b.resumed(2, &noSender)
	b.park(6, noSender) // for the first time: not again
	b.drain(b.onlyWake())
	b.resumed(3, nil)
	b.resumed(4, nil)
	now = at()
	require.Equal(t, []int{5, 5, 1, 1, 4, 1}, []int{now.Done, now.Total, now.Still, now.Ended, now.GoneOn(), now.Again})
	require.NotNil(t, now.DoneAt)

	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example'`)
	b.resumed(7, nil)
	require.Equal(t, 1, at().Again, "what is in error again between two fixes is of the first")
	b.exec(`DELETE FROM ended_workflows`)

	going, err := b.RequestsGoing(b.ctx, time.Now().Add(-time.Minute), nil, 10)
	require.NoError(t, err)
	require.Len(t, going, 3, "the second fix, the first, and the enroll of the setup")
	require.Nil(t, going[0].DoneAt, "what is under way comes first")
	going, err = b.RequestsGoing(b.ctx, time.Now().Add(time.Hour), []int64{change.Request}, 10)
	require.NoError(t, err)
	require.Len(t, going, 2)
	require.Equal(t, change.Request, going[1].ID)
	done, err := b.RequestsDone(b.ctx, 0, 1)
	require.NoError(t, err)
	require.Equal(t, change.Request, done[0].ID)
	require.Equal(t, []int{5, 5, 0}, []int{done[0].Done, done[0].Total, done[0].Again}, "a list does not count what has become of them")
	done, err = b.RequestsDone(b.ctx, done[0].ID, 10)
	require.NoError(t, err)
	require.Len(t, done, 1)
	require.Equal(t, campaign.OutboxEnroll, done[0].Kind)
	_, err = b.Request(b.ctx, 1<<40)
	require.ErrorIs(t, err, ErrNotFound)
}

// Those of a page who go on before the whole page has been signalled, and those who leave
// before they are, are taken from no number: a bar does not go backwards.
func TestTheTotalOfAFixNeverFalls(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 8)
	for id := int64(1); id <= 7; id++ {
		b.park(id, noSender)
	}
	b.exec(`UPDATE campaigns SET sender = NULL`)
	_, change, err := b.SetSender(b.ctx, "q4", "maya@northwind.example", "lea")
	require.NoError(t, err)
	b.park(8, noSender) // younger than the fix
	goneOn := 0
	steady := func(signalled int) {
		t.Helper()
		one, err := b.Request(b.ctx, change.Request)
		require.NoError(t, err)
		require.Equal(t, []int{signalled, 7}, []int{one.Done, one.Total}, "on its page")
		require.GreaterOrEqual(t, one.GoneOn(), goneOn)
		goneOn = one.GoneOn()
		status, err := b.RequestStatus(b.ctx, change.Request)
		require.NoError(t, err)
		require.Equal(t, []int{signalled, 7}, []int{status.Done, status.Total}, "in the API")
		open, err := b.OutboxStatuses(b.ctx)
		require.NoError(t, err)
		if one.DoneAt == nil {
			require.Equal(t, []int{signalled, 7}, []int{open[0].Done, open[0].Total}, "in the background's list")
		}
	}
	steady(0)
	for signalled := 0; ; {
		page, err := b.Targets(b.ctx, b.onlyWake(), 3)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, target := range page {
			b.resumed(target.EnrollmentID, nil)
			steady(signalled)
		}
		require.NoError(t, b.AdvanceCursor(b.ctx, b.onlyWake(), page))
		signalled += len(page)
		steady(signalled)
		if signalled == 3 {
			require.NoError(t, b.disenrolled(b.ctx, 7, "", "lea"))
			steady(signalled)
		}
	}
	require.Equal(t, 6, goneOn)
	require.NoError(t, b.CloseIfDrained(b.ctx, b.onlyWake()))
	steady(6)
	require.Equal(t, 7, goneOn, "one has left by another way")
}

// A fix that a worker of the release before has written does not know for how many it is.
func TestAFixOfTheReleaseBeforeIsCounted(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	for id := int64(1); id <= 3; id++ {
		b.park(id, noSender)
	}
	b.exec(`UPDATE campaigns SET sender = NULL`)
	_, change, err := b.SetSender(b.ctx, "q4", "maya@northwind.example", "lea")
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET total = 0 WHERE id = $1`, change.Request)
	page, err := b.Targets(b.ctx, b.onlyWake(), 1)
	require.NoError(t, err)
	require.NoError(t, b.AdvanceCursor(b.ctx, b.onlyWake(), page))
	one, err := b.Request(b.ctx, change.Request)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3, 3, 0}, []int{one.Done, one.Total, one.Still, one.GoneOn()})
}

func TestAResumeIsFollowedToItsEnd(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	for id := int64(1); id <= 3; id++ {
		b.park(id, brokenDown)
	}
	named, err := b.RequestResume(b.ctx, Selection{Campaign: "q4", Contacts: []int64{1, 2}}, campaign.Resume{By: "lea"}, BatchOptions{})
	require.NoError(t, err)
	all, err := b.RequestResume(b.ctx, Selection{Code: failure.SendingFailed}, campaign.Resume{By: "lea"}, BatchOptions{})
	require.NoError(t, err)
	b.resumed(1, &noSender)
	b.resumed(2, nil)
	b.park(4, brokenDown)
	for _, test := range []struct {
		id                         int64
		total, still, again, going int
	}{
		{named.ID, 2, 0, 1, 2}, // in error again, if for another reason
		{all.ID, 3, 1, 0, 2},   // those of its code
	} {
		one, err := b.Request(b.ctx, test.id)
		require.NoError(t, err)
		require.Equal(t, []int{test.total, test.still, test.again, test.going}, []int{one.Total, one.Still, one.Again, one.GoneOn()})
	}
}

// Of credits, no more go on than there are.
func TestCreditsAreFollowedByWhoWasSignalled(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	noCredits := failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}}
	b.exec(`UPDATE plan SET unlimited = false`)
	for id := int64(1); id <= 3; id++ {
		b.park(id, noCredits)
	}
	_, change, err := b.AddCredits(b.ctx, 2, "lea")
	require.NoError(t, err)
	page, err := b.Targets(b.ctx, b.onlyWake(), 10)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.NoError(t, b.AdvanceCursor(b.ctx, b.onlyWake(), page))
	b.exec(`UPDATE plan SET credits = 1`)
	b.resumed(1, nil)
	one, err := b.Request(b.ctx, change.Request)
	require.NoError(t, err)
	require.Equal(t, []int{2, 1, 1}, []int{one.Done, one.GoneOn(), one.Still})
}

func TestAnEnrollsContactsAreCountedByWhereTheyStand(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.park(3, noSender)
	done, err := b.RequestsDone(b.ctx, 0, 1)
	require.NoError(t, err)
	counts, err := b.Became(b.ctx, done[0])
	require.NoError(t, err)
	require.Equal(t, map[campaign.Status]int{campaign.Active: 2, campaign.InError: 1}, counts)
}
