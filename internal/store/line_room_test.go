package store

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// granted has the giver grant what is due, and signal nobody.
func (b *ledgerBundle) granted() {
	b.t.Helper()
	for again := time.Duration(0); again == 0; {
		var err error
		again, _, err = b.GiveTurns(b.ctx, 100)
		require.NoError(b.t, err)
	}
}

func (b *ledgerBundle) toSignal() (turns []campaign.GivenTurn, ids []int64) {
	b.t.Helper()
	turns, err := b.TurnsToSignal(b.ctx, 100)
	require.NoError(b.t, err)
	for _, turn := range turns {
		ids = append(ids, turn.EnrollmentID)
	}
	return turns, ids
}

// What is signalled and not claimed yet is under way, for a moment. The first of each account
// comes before the second of any.
func TestTurnsToSignalSayWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	b.queuedBehind(1, 2, 3, 4, 5)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ('tom@northwind.example', 'Tom', '127.0.0.1', 25, 'none')`)
	b.exec(`INSERT INTO account_pace (address) VALUES ('tom@northwind.example')`)
	b.exec(`UPDATE line SET account = 'tom@northwind.example' WHERE enrollment_id = 5`)
	b.granted()
	b.exec(`UPDATE line SET granted_at = granted_at + enrollment_id * interval '1 ms' WHERE state = 'granted'`)
	turns, ids := b.toSignal()
	require.Equal(t, []int64{1, 5, 2, 3, 4}, ids)
	require.Equal(t, "tom@northwind.example", turns[1].Account)
	require.Zero(t, turns[2].UnderWay)

	underWay := func() int {
		turns, ids := b.toSignal()
		require.Equal(t, []int64{3, 4}, ids)
		return turns[0].UnderWay
	}
	require.NoError(t, b.TurnsSignalled(b.ctx, []campaign.GivenTurn{turns[0], turns[1], turns[2]}, nil))
	require.Equal(t, 2, underWay(), "of this account")
	_, err := b.timed(1)
	require.NoError(t, err)
	require.Equal(t, 1, underWay(), "one has claimed")
	b.exec(`UPDATE line SET signalled_at = now() - interval '4 s' WHERE enrollment_id = 2`)
	require.Zero(t, underWay(), "who does not claim holds nobody back")

	// Law 3: a signal that fails is tried again, after the others; and then those who have had one.
	require.NoError(t, b.TurnsFailed(b.ctx, turns[3:4]))
	b.exec(`UPDATE line SET signalled_at = now() - interval '2 minutes' WHERE enrollment_id = 2`)
	_, ids = b.toSignal()
	require.Equal(t, []int64{4, 3, 2}, ids)
}

// A turn lapses two minutes after its first signal, however long it waited for room before.
func TestATurnLapsesAfterItsSignal(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.queuedBehind(1)
	b.granted()
	before := func() {
		b.exec(`UPDATE line SET granted_at = now() - interval '3 minutes' WHERE state = 'granted'`)
	}
	tended := func() string {
		_, err := b.TendLine(b.ctx)
		require.NoError(t, err)
		return b.lineState(1)
	}
	before()
	require.Equal(t, "granted", tended(), "it was not signalled: that is the giver's to do")
	turns, _ := b.toSignal()
	require.NoError(t, b.TurnsSignalled(b.ctx, turns, nil))
	require.Equal(t, "granted", tended())
	before()
	require.NoError(t, b.TurnsSignalled(b.ctx, turns, nil))
	require.Equal(t, "waiting", tended(), "a second signal gives it no more time")
}

// Of an account without a pace many have a turn, and more are given when half of them are through.
func TestAFreeAccountGivesManyTurnsAtOnce(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, atOnce+50)
	b.queuedBehind(1)
	b.exec(`INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) SELECT i, 'intro', 'q4', 'maya@northwind.example', 2, 'waiting' FROM generate_series(2, $1) AS i`, atOnce+50)
	have := func() int { return one[int](b, `SELECT count(*)::int FROM line WHERE state = 'granted'`) }
	b.granted()
	require.Equal(t, atOnce, have())
	b.exec(`DELETE FROM line WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE state = 'granted' LIMIT $1)`, atOnce/2-1)
	b.granted()
	require.Equal(t, atOnce/2+1, have())
	b.exec(`DELETE FROM line WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE state = 'granted' LIMIT 1)`)
	b.granted()
	require.Equal(t, atOnce/2+50, have())
}

// When a window opens, messages of an account without a pace are decided beside each other, and
// beside the giver, who would never find the row free.
func TestMessagesOfAFreeAccountShareItsRow(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.queuedBehind(1, 2)
	b.exec(`UPDATE campaigns SET send_window = '{"zone": "UTC"}'`)
	holding := func(lock string) pgx.Tx {
		tx, err := b.pool.Begin(b.ctx)
		require.NoError(t, err)
		t.Cleanup(func() { _ = tx.Rollback(b.ctx) })
		_, err = tx.Exec(b.ctx, `SELECT FROM account_pace FOR `+lock)
		require.NoError(t, err)
		return tx
	}
	claim := holding("KEY SHARE") // another's claim
	require.ElementsMatch(t, []int64{1, 2}, b.given())
	giver := holding("NO KEY UPDATE")
	ctx := b.ctx
	soon, cancel := context.WithTimeout(ctx, waitFor)
	defer cancel()
	b.ctx = soon // it would wait for ever
	first, err := b.timed(1)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, first))
	b.ctx = ctx
	require.NoError(t, giver.Rollback(b.ctx))
	require.NoError(t, claim.Rollback(b.ctx))

	edit := holding("UPDATE")
	claimed := make(chan error)
	go func() {
		_, err := b.timed(2)
		claimed <- err
	}()
	b.awaitLocks(1)
	require.NoError(t, edit.Rollback(b.ctx))
	require.NoError(t, <-claimed, "an edit is waited for")
}

// Law 8: claims of an account that is given a pace while they wait for the edit are not of a free
// account any more: none passes beside another.
func TestAPaceThatComesUnderAClaimIsKept(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2) // the window is open, and nobody stands in line
	b.exec(`INSERT INTO account_pace (address) VALUES ('maya@northwind.example')`)
	edit, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	t.Cleanup(func() { _ = edit.Rollback(b.ctx) })
	_, err = edit.Exec(b.ctx, `SELECT FROM account_pace FOR UPDATE`)
	require.NoError(t, err)
	_, err = edit.Exec(b.ctx, `UPDATE email_accounts SET pace = '{"gap": 3600000000000}'`)
	require.NoError(t, err)
	claims := make(chan error)
	for _, id := range []int64{1, 2} {
		go func() {
			_, err := b.timed(id)
			claims <- err
		}()
	}
	b.awaitLocks(2)
	require.NoError(t, edit.Commit(b.ctx))
	for range 2 {
		require.ErrorIs(t, <-claims, campaign.ErrNoTurn, "the next look has to decide by the pace")
	}
}

// awaitLocks waits until so many statements wait for another's lock.
func (b *ledgerBundle) awaitLocks(count int) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		return one[int](b, `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == count
	}, waitFor, tick)
}
