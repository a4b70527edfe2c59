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
