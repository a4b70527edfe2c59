package store

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Who reads counters that nobody has folded for a while folds them, and reads the same.
func TestCountersThatHaveGrownAreFoldedByWhoReadsThem(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	rows := func() int { return one[int](b, `SELECT count(*)::int FROM tally`) }
	few := rows()
	require.NoError(t, b.FoldGrown(b.ctx))
	require.Equal(t, few, rows(), "a few rows are read as they are")
	b.exec(`INSERT INTO tally SELECT 'q4', 'Active', '', '', CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM generate_series(1, $1::int) AS i`, 2*grownAt)
	before, err := b.CampaignStatuses(b.ctx, "")
	require.NoError(t, err)
	require.NoError(t, b.FoldGrown(b.ctx))
	require.Less(t, rows(), foldAt)
	after, err := b.CampaignStatuses(b.ctx, "")
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// The room that rows took goes with them, unless somebody has the table: a fold waits for
// nobody, and nobody for a fold.
func TestAFoldGivesRoomBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	size := func() int {
		return one[int](b, `SELECT greatest(pg_relation_size('tally'), pg_relation_size('tally_step'))::int`)
	}
	grow := func() {
		b.exec(`INSERT INTO tally SELECT 'q4', 'Active', '', '', CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM generate_series(1, 20000) AS i`)
		b.exec(`INSERT INTO tally_step SELECT 'q4', 'intro', 'Active', '-infinity', CASE i % 2 WHEN 0 THEN 1 ELSE -1 END FROM generate_series(1, 20000) AS i`)
	}
	before, err := b.CampaignStatuses(b.ctx, "")
	require.NoError(t, err)
	grow()
	large := size()
	require.Greater(t, large, 512<<10)

	tx, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(b.ctx) }()
	_, err = tx.Exec(b.ctx, `INSERT INTO tally VALUES ('q4', 'Active', '', '', 0)`)
	require.NoError(t, err)
	_, err = tx.Exec(b.ctx, `INSERT INTO tally_step VALUES ('q4', 'intro', 'Active', '-infinity', 0)`)
	require.NoError(t, err)
	require.NoError(t, b.FoldTally(b.ctx), "while a send is under way")
	require.GreaterOrEqual(t, size(), large)
	require.NoError(t, tx.Commit(b.ctx))

	require.Eventually(t, func() bool { return b.FoldTally(b.ctx) == nil && size() <= 8<<10 }, waitFor, tick, "one block each, as soon as nobody may see the old rows")
	after, err := b.CampaignStatuses(b.ctx, "")
	require.NoError(t, err)
	require.Equal(t, before, after)
}
