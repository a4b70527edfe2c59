package store

import (
	"encoding/json"
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

// Who writes much keeps the counters small, so that a page which comes right after very many
// were put in error, or have been sent, adds up few rows.
func TestWhoWritesMuchFoldsTheCounters(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2*grownAt)
	most := 0
	for id := int64(1); id <= 2*grownAt; id++ {
		if id%2 == 0 {
			b.park(id, noSender)
		} else {
			delivery := b.claim(b.attempt(id))
			require.NoError(t, b.Gate(b.ctx, delivery))
			require.NoError(t, b.MarkSent(b.ctx, b.attempt(id), delivery, "250 ok"))
		}
		if id%100 == 0 {
			most = max(most, one[int](b, `SELECT greatest((SELECT count(*) FROM tally), (SELECT count(*) FROM tally_step))::int`))
		}
	}
	require.Greater(t, most, grownAt/2, "this test has to write enough")
	require.Less(t, most, grownAt+4*foldAfter, "rows that were there at once")
	b.tallyAgrees("all were written")
}

// A page of those in error is the first entries of an index, also while PostgreSQL's
// statistics know of nobody in error.
func TestAPageOfARepairSortsNobody(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2000)
	b.exec(`ANALYZE`)
	b.exec(`UPDATE enrollments SET status = 'InError', code = $1, cause = $2, detail = '', attempts = 1, park_id = 1, park_seq = nextval('fact_seq'),
		parked_at = timestamptz '2026-11-01Z' - id % 100 * interval '1 minute'`, noSender.Code, noSender.Cause().Thing())
	part := Part{Code: noSender.Code, Cause: noSender.Cause().Thing()}
	sql, args := repairContactsSQL(part, Mark{}, 10)
	var plan string
	require.NoError(t, b.pool.QueryRow(b.ctx, `EXPLAIN (FORMAT JSON) `+sql, args).Scan(&plan))
	var explained []struct{ Plan planNode }
	require.NoError(t, json.Unmarshal([]byte(plan), &explained))
	require.Equal(t, "Limit", explained[0].Plan.above("enrollments_group_order"), plan)

	var seqs []int64
	for mark, more := (Mark{}), true; more; {
		page, err := b.RepairContacts(b.ctx, part, mark, 300)
		require.NoError(t, err)
		for _, row := range page {
			seqs = append(seqs, row.Seq)
			mark = Mark{row.Since, row.Seq}
		}
		more = len(page) == 300
	}
	require.Equal(t, one[[]int64](b, `SELECT array_agg(park_seq ORDER BY parked_at, park_seq) FROM enrollments`), seqs, "each once, in order, also of the same time")
}

// planNode is a part of a plan.
type planNode struct {
	Type  string     `json:"Node Type"`
	Index string     `json:"Index Name"`
	Plans []planNode `json:"Plans"`
}

// above is the kind of node that reads an index, empty when none does.
func (n planNode) above(index string) string {
	for _, child := range n.Plans {
		if child.Index == index {
			return n.Type
		}
		if found := child.above(index); found != "" {
			return found
		}
	}
	return ""
}
