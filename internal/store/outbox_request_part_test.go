package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

var sendingFailed = failure.Problem{Code: failure.SendingFailed, Detail: "451 later"}

func (b *ledgerBundle) parkAs(problem failure.Problem, ids ...int64) {
	b.t.Helper()
	for _, id := range ids {
		_, err := b.Hold(b.ctx, b.attempt(id), found(problem))
		require.NoError(b.t, err)
	}
}

func (b *ledgerBundle) lastFact() int64 {
	b.t.Helper()
	last, err := b.LastFact(b.ctx)
	require.NoError(b.t, err)
	return last
}

func TestAPartIsExactlyThoseWhoAreInErrorNow(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 6)
	b.exec(`INSERT INTO campaigns (key, name, owner, steps) SELECT 'spring', name, owner, steps FROM campaigns`)
	_, err := b.Enroll(b.ctx, "spring", []int64{1}, "test", false)
	require.NoError(t, err)
	b.parkAs(sendingFailed, 1, 2, 3, 4)
	b.parkAs(noSender, 5)
	spring := b.attempt(1)
	spring.EnrollmentID, spring.CampaignKey = one[int64](b, `SELECT id FROM enrollments WHERE campaign = 'spring'`), "spring"
	_, err = b.Hold(b.ctx, spring, found(sendingFailed))
	require.NoError(t, err)

	all := Part{Code: failure.SendingFailed, Cause: "operator"}
	park := one[int64](b, `SELECT park_seq FROM enrollments WHERE id = 3`)
	for name, test := range map[string]struct {
		part Part
		want int
	}{
		"all": {all, 5}, "of a campaign": {Part{Code: all.Code, Cause: all.Cause, Campaign: "spring"}, 1},
		"at a step": {Part{Code: all.Code, Cause: all.Cause, StepID: "intro"}, 5}, "at no step": {Part{Code: all.Code, Cause: all.Cause, StepID: "tell"}, 0},
		"chosen": {Part{Code: all.Code, Cause: all.Cause, Parks: []int64{park, 99}}, 1}, "none chosen": {Part{Code: all.Code, Cause: all.Cause, Parks: []int64{}}, 0},
		"another cause": {Part{Code: all.Code, Cause: "plan"}, 0},
	} {
		count, err := b.CountPart(b.ctx, test.part)
		require.NoError(t, err, name)
		require.Equal(t, test.want, count, name)
		rows, err := b.RepairContacts(b.ctx, test.part, Mark{}, 100)
		require.NoError(t, err, name)
		require.Len(t, rows, test.want, name)
	}

	seen := b.lastFact()
	b.parkAs(sendingFailed, 6)
	say := campaign.Resume{By: "lea", Note: "enough"}
	_, err = b.Seeing(seen).RequestPart(b.ctx, campaign.OutboxDisenroll, all, say, 5, BatchOptions{})
	var grown *Grown
	require.ErrorAs(t, err, &grown, "one more than was confirmed")
	require.Equal(t, Grown{Confirmed: 5, Now: 6}, *grown)
	require.ErrorIs(t, err, ErrRefused)
	require.Zero(t, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'disenroll'`))

	done, err := b.Seeing(seen).RequestPart(b.ctx, campaign.OutboxDisenroll, all, say, 6, BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 6, done.Count)
	require.Equal(t, map[string]int{"q4": 5, "spring": 1}, done.ByCampaign)
	require.Equal(t, []int64{1, 2, 3, 4, 6}, one[[]int64](b, `SELECT contacts FROM outbox WHERE kind = 'disenroll' AND campaign = 'q4' AND code = 'SendingFailed'`))
	require.Equal(t, []int64{1}, one[[]int64](b, `SELECT contacts FROM outbox WHERE kind = 'disenroll' AND campaign = 'spring'`))

	_, err = b.Seeing(seen).RequestPart(b.ctx, campaign.OutboxDisenroll, all, say, 6, BatchOptions{})
	var stale *Stale
	require.ErrorAs(t, err, &stale, "a second click asks for nothing")
	require.Equal(t, "lea", stale.By)
	require.Equal(t, 2, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'disenroll'`))

	_, err = b.Seeing(b.lastFact()).RequestPart(b.ctx, campaign.OutboxResume, all, say, 0, BatchOptions{})
	require.NoError(t, err)
	require.Equal(t, 2, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'resume' AND contacts = '{}'`), "all of a code need not be named")
}

// A second click on a page that is out of date resumes nobody who has parked since.
func TestAllIsAskedForOnce(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.parkAs(sendingFailed, 1, 2)
	seen := b.lastFact()
	resume := func() error {
		_, err := b.Seeing(seen).RequestResume(b.ctx, Selection{Code: failure.SendingFailed}, campaign.Resume{By: "lea"}, BatchOptions{})
		return err
	}
	require.NoError(t, resume())
	b.exec(`UPDATE outbox SET done_at = clock_timestamp()`) // they have been signalled, and failed again
	b.parkAs(sendingFailed, 3)
	var stale *Stale
	require.ErrorAs(t, resume(), &stale)
	require.Equal(t, "lea", stale.By)
	require.Equal(t, 1, one[int](b, `SELECT count(*)::int FROM outbox WHERE kind = 'resume'`))
	seen = b.lastFact()
	require.NoError(t, resume(), "who has seen how it stands now may")
}

// A request of somebody who has seen a page waits for no claim, and no claim for it.
func TestARequestTakesNoRowThatAClaimNeeds(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.parkAs(sendingFailed, 1, 2)
	seen := b.lastFact()
	ctx, cancel := context.WithTimeout(b.ctx, waitFor)
	defer cancel()

	claiming, err := b.pool.BeginTx(ctx, pgx.TxOptions{})
	require.NoError(t, err)
	defer func() { _ = claiming.Rollback(b.ctx) }()
	_, err = claiming.Exec(ctx, `SELECT FROM enrollments WHERE id = 1 FOR UPDATE`) // as a claim does
	require.NoError(t, err)
	_, err = b.Seeing(seen).RequestResume(ctx, Selection{Campaign: "q4", Contacts: []int64{1}, Code: failure.SendingFailed}, campaign.Resume{By: "lea"}, BatchOptions{})
	require.NoError(t, err, "the page does not wait for the claim")
	require.NoError(t, claiming.Rollback(ctx))

	asking, err := b.pool.BeginTx(ctx, pgx.TxOptions{})
	require.NoError(t, err)
	defer func() { _ = asking.Rollback(b.ctx) }()
	require.NoError(t, lockRequests(ctx, asking)) // a request under way
	require.NoError(t, b.Seeing(b.lastFact()).freshParks(ctx, asking, []Match{{EnrollmentID: 2}}))
	resumed := b.attempt(2)
	resumed.ResumedPark = 1
	_, err = b.Claim(ctx, resumed, draft("c2@contoso.example"))
	require.NoError(t, err, "the claim does not wait for the page")
	require.NoError(t, asking.Rollback(ctx))
}

// Of several answers at one moment one counts, whatever workers do meanwhile.
func TestOfTwoAnswersAtOnceOneCounts(t *testing.T) {
	t.Parallel()
	const contacts = 8
	b := setupLedger(t, contacts)
	for id := range int64(contacts) {
		b.parkAs(sendingFailed, id+1)
	}
	seen := b.lastFact()
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := map[int64]int{}
	for id := int64(1); id <= contacts; id++ {
		for range 3 {
			wg.Go(func() {
				requested, err := b.Seeing(seen).RequestResume(b.ctx, Selection{Campaign: "q4", Contacts: []int64{id}, Code: failure.SendingFailed}, campaign.Resume{By: "lea"}, BatchOptions{})
				switch {
				case err == nil && requested.ID != 0: // after the claim there is nothing to resume, and nothing is written
					mu.Lock()
					kept[id]++
					mu.Unlock()
				case err != nil && !errors.Is(err, ErrRefused):
					t.Errorf("contact %d: %v", id, err)
				}
			})
		}
		wg.Go(func() { // a worker that resumes and parks it again
			attempt := b.attempt(id)
			attempt.ResumedPark = 1
			if _, err := b.Claim(b.ctx, attempt, draft("c@contoso.example")); err != nil {
				t.Errorf("claim %d: %v", id, err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(waitFor):
		t.Fatal("requests and claims wait for each other")
	}
	for id, n := range kept {
		require.Equal(t, 1, n, "contact %d", id)
	}
}
