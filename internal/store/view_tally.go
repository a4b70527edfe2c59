package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// foldAt is how many rows of one group the tally may hold before they are made one.
const foldAt = 50

// FoldTally makes one row of each group of the tally that has got many; a group
// that adds up to nothing goes. The sums stay what they are at every moment,
// for every reader, writer and fold at the same time: a row that another fold
// has taken is not returned here.
func (s *Store) FoldTally(ctx context.Context) error {
	return s.inTx(ctx, func(tx pgx.Tx) error { return fold(ctx, tx) })
}

func fold(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		WITH many AS (
			SELECT campaign, status, code, cause FROM tally GROUP BY 1, 2, 3, 4 HAVING count(*) > $1),
		gone AS (
			DELETE FROM tally t USING many m
			 WHERE (t.campaign, t.status, t.code, t.cause) = (m.campaign, m.status, m.code, m.cause)
			RETURNING t.*)
		INSERT INTO tally
		SELECT campaign, status, code, cause, sum(n) FROM gone GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0`, foldAt)
	if err != nil {
		return err
	}
	return foldSteps(ctx, tx)
}

// grownAt is from how many rows on a tally is slow to add up: some milliseconds.
const grownAt = 5000

// FoldGrown is FoldTally for one who is about to add a tally up and finds that no worker
// has folded it for a while. It waits for no other fold.
func (s *Store) FoldGrown(ctx context.Context) error {
	var grown bool
	err := s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM (SELECT FROM tally LIMIT $1) AS t) = $1 OR (SELECT count(*) FROM (SELECT FROM tally_step LIMIT $1) AS t) = $1`, grownAt).Scan(&grown)
	if err != nil || !grown {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		const key = 0x72656c72666f6c64 // "relrfold"
		var first bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(key)).Scan(&first); err != nil || !first {
			return err
		}
		return fold(ctx, tx)
	})
}

// foldSteps does the same to tally_step, whose days go into one when they are old.
func foldSteps(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		WITH many AS (
			SELECT campaign, step_id, what, day FROM tally_step GROUP BY 1, 2, 3, 4
			HAVING count(*) > $1 OR day < tally_since() AND day <> '-infinity'),
		gone AS (
			DELETE FROM tally_step t USING many m
			 WHERE (t.campaign, t.step_id, t.what, t.day) = (m.campaign, m.step_id, m.what, m.day)
			RETURNING t.*)
		INSERT INTO tally_step
		SELECT campaign, step_id, what, CASE WHEN day < tally_since() THEN '-infinity' ELSE day END, sum(n)
		  FROM gone GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0`, foldAt)
	return err
}

// RecountTally counts everything and puts both tallies right, while others write;
// it returns how many groups were wrong. That they are takes a restore or a
// hand that went past the triggers.
func (s *Store) RecountTally(ctx context.Context) (wrong int, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT recount_tally() + recount_tally_step()`).Scan(&wrong)
	})
	return wrong, err
}
