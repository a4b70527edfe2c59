package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// fix records that causes have changed, in the transaction that changes them
// (law 3). It must be called AFTER the rows of the cause have been updated:
//
//   - a park holds those rows FOR SHARE while it decides, so every park that
//     was decided on the old facts is committed, and seen here, once the
//     update has returned;
//   - every later park reads the new facts;
//   - the outbox row takes its number now, so "older than this fix" is a
//     comparison of two numbers of one sequence.
//
// A cause that nobody waits for leaves no row. The row keeps how many wait: by the same
// argument no more of them can come.
func fix(ctx context.Context, tx pgx.Tx, by string, causes ...failure.Cause) error {
	_, err := fixAt(ctx, tx, by, 0, causes...)
	return err
}

// fixAt is fix with a rate at which the parked contacts are signalled; it returns the
// number of the first row, 0 when there is none.
func fixAt(ctx context.Context, tx pgx.Tx, by string, rate campaign.Rate, causes ...failure.Cause) (first int64, err error) {
	names := make([]string, len(causes))
	for i, cause := range causes {
		names[i] = string(cause)
	}
	err = tx.QueryRow(ctx, `
		WITH left_there AS (
			INSERT INTO outbox (kind, cause, by, rate, total)
			SELECT 'fix', cause, $2, $3, waiting.n
			  FROM unnest($1::text[]) AS cause CROSS JOIN LATERAL (SELECT count(*) AS n FROM parked_on p WHERE p.cause = cause.cause) AS waiting
			 WHERE waiting.n > 0
			RETURNING id)
		SELECT coalesce(min(id), 0) FROM left_there`, names, by, rate).Scan(&first)
	return first, err
}
