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
// has taken is not returned here. Then the room goes that the rows took.
// With it the days that have ended since are counted that AccountDays knows.
func (s *Store) FoldTally(ctx context.Context) error {
	if err := s.inTx(ctx, func(tx pgx.Tx) error { return fold(ctx, tx) }); err != nil {
		return err
	}
	if err := s.shrinkTally(ctx); err != nil {
		return err
	}
	return s.countDays(ctx)
}

// shrinkTally gives back what rows took that are gone. A tally has no index, so each page of
// the console reads it whole several times, empty blocks too. An ordinary vacuum makes their
// room free for the rows that come, and stands in nobody's way: the tally stays as large as
// what is written between two folds. It does not cut the table off, for which it would wait
// for those who write. What has grown far beyond its rows all the same is written anew:
// VACUUM FULL takes milliseconds for the few rows, and does nothing while anybody has the
// table: no send waits for its start. Both keep what other snapshots see.
func (s *Store) shrinkTally(ctx context.Context) error {
	if _, err := s.pool.Exec(ctx, `VACUUM (SKIP_LOCKED, TRUNCATE false) tally, tally_step`); err != nil {
		return mapError(err)
	}
	const large, aRow = 512 << 10, 200 // bytes
	for _, table := range []string{"tally", "tally_step"} {
		var roomy bool
		err := s.pool.QueryRow(ctx, `SELECT pg_relation_size($1::text::regclass) > greatest($2, $3 * (SELECT count(*) FROM `+table+`))`, table, large, aRow).Scan(&roomy)
		if err == nil && roomy {
			_, err = s.pool.Exec(ctx, `VACUUM (FULL, SKIP_LOCKED) `+table)
		}
		if err != nil {
			return mapError(err)
		}
	}
	return nil
}

// foldAfter is after how many writes a Store looks whether it is to fold the tally.
const foldAfter = 250

// keepFolded is called after each write. Who writes much folds what it has written, a look
// for each foldAfter writes: so a tally is small at every moment, also when 50,000 are put in
// error within a minute, and who reads it finds nothing to fold. An error is left to
// FoldTally, which does the same once a minute and reports it: what was written stands.
func (s *Store) keepFolded(ctx context.Context) {
	if s.writes.Add(1)%foldAfter == 0 {
		_ = s.FoldGrown(ctx)
	}
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

// grownAt is from how many rows on a tally is folded: adding a thousand up takes a tenth of a
// millisecond, and a page does so some five times.
const grownAt = 1000

// FoldGrown is FoldTally for one who has written much, or is about to add a tally up that
// nobody has folded for a while. It waits for no other fold.
func (s *Store) FoldGrown(ctx context.Context) error {
	var grown bool
	err := s.pool.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM (SELECT FROM tally LIMIT $1) AS t) = $1 OR (SELECT count(*) FROM (SELECT FROM tally_step LIMIT $1) AS t) = $1`, grownAt).Scan(&grown)
	if err != nil || !grown {
		return err
	}
	folded := false
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		const key = 0x72656c72666f6c64 // "relrfold"
		var first bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, int64(key)).Scan(&first); err != nil || !first {
			return err
		}
		folded = true
		return fold(ctx, tx)
	})
	if err != nil || !folded {
		return err
	}
	return s.shrinkTally(ctx)
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

// RecountTally counts everything and puts both tallies right, and the days of accounts, while others write;
// it returns how many groups were wrong. That they are takes a restore or a
// hand that went past the triggers.
func (s *Store) RecountTally(ctx context.Context) (wrong int, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT recount_tally() + recount_tally_step()`).Scan(&wrong); err != nil {
			return err
		}
		return countDays(ctx, tx, true)
	})
	return wrong, err
}
