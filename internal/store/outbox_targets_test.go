package store

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func (b *ledgerBundle) onlyWake() campaign.OutboxEntry {
	b.t.Helper()
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(b.t, err)
	require.Len(b.t, entries, 1)
	return entries[0]
}

func TestParksAreNumberedAndRepeatsAreNot(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	attempt := b.attempt(1)
	held, err := b.Hold(b.ctx, attempt, found(noSender))
	require.NoError(t, err)
	require.Equal(t, 1, held.Parked.ParkID)
	again, err := b.Hold(b.ctx, attempt, found(noSender)) // the answer was lost, Temporal retries
	require.NoError(t, err)
	require.Equal(t, 1, again.Parked.ParkID)
	require.Equal(t, held.Parked.Problem, again.Parked.Problem)

	attempt.ResumedPark, attempt.Resume = 1, &campaign.Resume{By: "maya"}
	next, err := b.Hold(b.ctx, attempt, found(noSender))
	require.NoError(t, err)
	require.Equal(t, 2, next.Parked.ParkID)
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM parked_on`))
	require.Equal(t, []string{"in_error", "resumed", "in_error"}, one[[]string](b, `SELECT array_agg(kind ORDER BY id) FROM notes`))
}

func TestAFixWakesThoseItConcerns(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	for id := int64(1); id <= 3; id++ {
		_, err := b.Hold(b.ctx, b.attempt(id), found(noSender))
		require.NoError(t, err)
	}
	noEmail := failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(4)}}
	_, err := b.Hold(b.ctx, b.attempt(4), found(noEmail))
	require.NoError(t, err)
	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example'`)

	entry := b.onlyWake()
	page, err := b.Targets(b.ctx, entry, 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.EqualValues(t, 1, page[0].ContactID, "the oldest park first")

	// Contact 1 is parked again, on newer facts, while the page is signalled: this
	// fix has nothing to say to the new park.
	attempt := b.attempt(1)
	attempt.ResumedPark, attempt.Resume = 1, &campaign.Resume{}
	_, err = b.Hold(b.ctx, attempt, found(noSender))
	require.NoError(t, err)

	require.NoError(t, b.AdvanceCursor(b.ctx, entry, page))
	entry = b.onlyWake()
	page, err = b.Targets(b.ctx, entry, 2)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.EqualValues(t, 3, page[0].ContactID)
	require.NoError(t, b.CloseIfDrained(b.ctx, entry))
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestAFixThatNobodyWaitsForLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example'`)
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// Law 3, at the lock boundary: a park has read the old facts and has not
// committed; the fix must wait for it, and then see it.
func TestAFixWaitsForAParkInTheMaking(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE campaigns SET sender = NULL`)
	deciding, decide := make(chan struct{}), make(chan struct{})
	var held campaign.Held
	var holdErr error
	var group sync.WaitGroup
	group.Go(func() {
		held, holdErr = b.Hold(b.ctx, b.attempt(1), func(facts campaign.Facts) campaign.Finding {
			close(deciding)
			<-decide
			return emailCheck(facts)
		})
	})
	<-deciding
	fixed := make(chan struct{})
	group.Go(func() {
		defer close(fixed)
		b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example' WHERE key = 'q4'`)
	})
	b.awaitLockWait()
	select {
	case <-fixed:
		t.Fatal("the fix must wait for the park")
	default:
	}
	close(decide)
	group.Wait()
	require.NoError(t, holdErr)
	require.NotNil(t, held.Parked)
	targets, err := b.Targets(b.ctx, b.onlyWake(), 10)
	require.NoError(t, err)
	require.Len(t, targets, 1, "the fix has seen the park")
}

// The other way round: the fix holds the row, the park waits and then finds nothing to park for.
func TestAParkWaitsForAFixInTheMaking(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE campaigns SET sender = NULL`)
	tx, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = tx.Exec(b.ctx, `UPDATE campaigns SET sender = 'maya@northwind.example' WHERE key = 'q4'`)
	require.NoError(t, err)
	require.NoError(t, fix(b.ctx, tx, "test", failure.CampaignSender("q4")))
	var held campaign.Held
	var holdErr error
	var group sync.WaitGroup
	group.Go(func() { held, holdErr = b.Hold(b.ctx, b.attempt(1), emailCheck) })
	b.awaitLockWait()
	require.NoError(t, tx.Commit(b.ctx))
	group.Wait()
	require.NoError(t, holdErr)
	require.Equal(t, campaign.Held{}, held)
	require.Equal(t, campaign.Active, b.status(1))
}

// awaitLockWait returns when some backend of this database waits for a lock.
func (b *ledgerBundle) awaitLockWait() {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		return one[bool](b, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
	}, waitFor, tick, "nobody waits for a lock")
}

func TestCreditsWakeNoMoreThanTheyServe(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	for id := int64(1); id <= 5; id++ {
		held, err := b.Hold(b.ctx, b.attempt(id), emailCheck)
		require.NoError(t, err)
		require.Equal(t, failure.NoCreditsLeft, held.Parked.Problem.Code)
	}
	b.applyFix(failure.Plan, `UPDATE plan SET credits = credits + 2`)
	entry := b.onlyWake()
	page, err := b.Targets(b.ctx, entry, 100)
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.EqualValues(t, 1, page[0].ContactID)
	same, err := b.Targets(b.ctx, entry, 100)
	require.NoError(t, err)
	require.Equal(t, page, same, "a drain that was killed before it signalled them finds the same ones")
	require.NoError(t, b.AdvanceCursor(b.ctx, entry, page))
	none, err := b.Targets(b.ctx, entry, 100)
	require.NoError(t, err)
	require.Empty(t, none, "both credits are set aside")
	require.NoError(t, b.CloseIfDrained(b.ctx, entry))
	require.Equal(t, entry.ID, b.onlyWake().ID, "open until the credits are taken")

	// Contact 1 takes its credit; contact 2 is disenrolled instead, and its credit serves contact 3.
	costs := draft("c@contoso.example")
	costs.CostsCredit = true
	attempt := b.attempt(1)
	attempt.ResumedPark, attempt.Resume = 1, &campaign.Resume{}
	_, err = b.Claim(b.ctx, attempt, costs)
	require.NoError(t, err)
	require.NoError(t, b.disenrolled(b.ctx, 2, "", ""))
	page, err = b.Targets(b.ctx, entry, 100)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.EqualValues(t, 3, page[0].ContactID)
	require.NoError(t, b.AdvanceCursor(b.ctx, entry, page))
	attempt = b.attempt(3)
	attempt.ResumedPark, attempt.Resume = 1, &campaign.Resume{}
	_, err = b.Claim(b.ctx, attempt, costs)
	require.NoError(t, err)
	require.NoError(t, b.CloseIfDrained(b.ctx, entry))
	entries, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	require.Empty(t, entries, "no credit is left to signal")
}

func TestPausedGoOnWithTheirCampaign(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE campaigns SET paused = true`)
	for range 2 { // the second is a retry whose first answer was lost
		held, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
		require.NoError(t, err)
		require.True(t, held.Paused)
	}
	require.Equal(t, campaign.Paused, b.status(1))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM notes`))
	b.applyFix(failure.CampaignActive("q4"), `UPDATE campaigns SET paused = false`)
	page, err := b.Targets(b.ctx, b.onlyWake(), 10)
	require.NoError(t, err)
	require.Equal(t, campaign.Paused, page[0].Status)
	b.claim(b.attempt(1))
	require.Equal(t, campaign.Active, b.status(1))
}

// The cursor stays before a target that could not be signalled, and does not go back to it.
func TestTheCursorStopsBeforeWhoIsLeft(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	for id := int64(1); id <= 4; id++ {
		_, err := b.Hold(b.ctx, b.attempt(id), found(noSender))
		require.NoError(t, err)
	}
	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = 'maya@northwind.example'`)
	entry := b.onlyWake()
	all, err := b.Targets(b.ctx, entry, 9)
	require.NoError(t, err)
	next := func() int64 {
		page, err := b.Targets(b.ctx, b.onlyWake(), 1)
		require.NoError(t, err)
		return page[0].ContactID
	}
	entry.Left = all[1].Seq
	require.NoError(t, b.AdvanceCursor(b.ctx, entry, all[:2]))
	require.EqualValues(t, 2, next())
	require.NoError(t, b.AdvanceCursor(b.ctx, entry, all[2:3]))
	require.EqualValues(t, 2, next())
	entry.Left = 0
	require.NoError(t, b.AdvanceCursor(b.ctx, entry, all[3:]))
	page, err := b.Targets(b.ctx, b.onlyWake(), 1)
	require.NoError(t, err)
	require.Empty(t, page)
}
