package store

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// The workflow of an enrollment that stands in line waits for its turn and for nothing else.
// A stale attempt that parked it, or sent for it, would leave it there (laws 2 and 3).
func TestAStaleAttemptLeavesThoseInLineAlone(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	place := campaign.Place{Account: maya, Band: campaign.FirstMails}
	held, err := b.Hold(b.ctx, b.attempt(1), func(campaign.Facts) campaign.Finding { return campaign.Finding{Place: &place} })
	require.NoError(t, err)
	require.True(t, held.InLine)
	for name, check := range map[string]campaign.Check{
		"park":  found(noSender),
		"pause": func(campaign.Facts) campaign.Finding { return campaign.Finding{Paused: true} },
		"wait":  func(facts campaign.Facts) campaign.Finding { return campaign.Finding{Until: facts.Now.Add(time.Hour)} },
	} {
		held, err := b.Hold(b.ctx, b.attempt(1), check)
		require.NoError(t, err, name)
		require.Equal(t, campaign.Held{InLine: true}, held, name)
		require.Equal(t, campaign.Waiting, b.status(1), name)
	}
	_, err = b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.ErrorIs(t, err, campaign.ErrNoTurn, "the account is free, but the turn has not been given")
	b.setPace(pace.AccountRules{Gap: time.Minute})
	timed := draft("c@contoso.example")
	timed.Timed = true
	_, err = b.Claim(b.ctx, b.attempt(1), timed)
	require.ErrorIs(t, err, campaign.ErrNoTurn, "it is the first of the line, and has no turn yet")
	_, _, err = b.GiveTurns(b.ctx, 10)
	require.NoError(t, err)
	turn := one[int64](b, `SELECT turn FROM line WHERE state = 'granted'`)
	_, err = b.Claim(b.ctx, b.attempt(1), timed)
	require.ErrorIs(t, err, campaign.ErrNoTurn, "nobody has signalled it, and nobody would when it is used up")
	held, err = b.Hold(b.ctx, b.attempt(1), func(campaign.Facts) campaign.Finding { return campaign.Finding{} })
	require.NoError(t, err)
	require.Equal(t, campaign.Held{InLine: true}, held, "nor does a stale attempt look again and again")
	with := b.attempt(1)
	with.Turn = turn
	_, err = b.Claim(b.ctx, with, timed)
	require.NoError(t, err, "with its turn it goes on, signalled as it was, if not yet noted")
}

// Law 7: a turn of one that waits for none any more, as a backup may have left it, is the next one's at the next look,
// and its place is kept. One that is being tried has its turn for as long as a claim may take.
func TestATurnOfOneThatWaitsForNoneIsTheNextOnes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row   string
		given []int64
	}{
		"waits for a time":   {`status = 'Waiting', next_at = now() + interval '3 days'`, []int64{2}},
		"has ended":          {`status = 'Disenrolled', ended_at = now()`, []int64{2}},
		"is tried":           {`status = 'Active'`, nil},
		"waits for its turn": {`status = 'Waiting'`, nil},
	} {
		b := setupLedger(t, 2)
		b.pace(`{"gap": 1000000}`)
		b.queuedBehind(1, 2)
		b.ahead()
		require.Equal(t, []int64{1}, b.given(), name)
		b.exec(`UPDATE enrollments SET ` + c.row + ` WHERE id = 1`)
		b.ahead()
		require.Equal(t, c.given, b.given(), name)
		require.Equal(t, len(c.given) == 1, b.lineState(1) == "held", name)
	}
}

// Who ends all that a person is enrolled in waits for the claim of one enrollment, and holds the place of no other
// meanwhile: that claim waits for its account, and the giver, who has the account, for that place.
func TestWhoEndsAPersonHoldsNoPlaceWhileItWaits(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	delivery, err := b.timed(2)
	require.NoError(t, err)
	b.queuedBehind(1)
	b.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) SELECT 'q5', 'Q5', owner, sender, steps FROM campaigns`)
	b.exec(`UPDATE enrollments SET contact_id = 1, campaign = 'q5' WHERE id = 2`)
	giver, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = giver.Rollback(b.ctx) }()
	require.NoError(t, lockPace(b.ctx, giver, maya))
	waiting := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool {
			return one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == n
		}, waitFor, tick)
	}
	gated, ended := make(chan error, 1), make(chan error, 1)
	go func() { gated <- b.Gate(b.ctx, delivery) }()
	waiting(1)
	go func() {
		ended <- b.inTx(b.ctx, func(tx pgx.Tx) error {
			enrollments, err := lockPerson(b.ctx, tx, []int64{1})
			if err == nil {
				_, err = endPerson(b.ctx, tx, enrollments, campaign.Stop{By: campaign.Replied, Reason: "Answered"}, "test")
			}
			return err
		})
	}()
	waiting(2)
	tag, err := giver.Exec(b.ctx, grantSQL+` AND enrollment_id = 1`)
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected())
	require.NoError(t, giver.Commit(b.ctx))
	require.NoError(t, <-gated)
	require.NoError(t, <-ended)
	require.Equal(t, []string{"none", "none"}, []string{b.lineState(1), b.lineState(2)})
}
