package store

import "github.com/jackc/pgx/v5"

// The line of a campaign of several senders: those that nobody has mailed. No account's lock
// protects its places, so two givers, or a giver and a claim, may want the same: each takes
// only what no other holds, and waits for none.

// unboundOf are places of a campaign's line that nobody else holds, the first so many of them.
func unboundOf(condition, limit string) string {
	return ` WHERE enrollment_id IN (SELECT o.enrollment_id FROM line o WHERE ` + unboundSQL + ` AND ` + condition +
		` ORDER BY o.band, o.seq LIMIT ` + limit + ` FOR UPDATE SKIP LOCKED)`
}

// grantUnbound gives an account's turn to the first of a campaign's line, or to so many where
// nothing limits the account, or nobody can send and all have to learn of it.
func grantUnbound(batch *pgx.Batch, head headRow, count int) {
	batch.Queue(`
		UPDATE line SET account = $1, state = 'granted', turn = turn + 1, granted_at = clock_timestamp(), signalled_at = NULL`+
		unboundOf(`o.campaign = $2 AND o.zone = $3`, `$4`), head.Address, head.Campaign, head.Zone, count)
}

// nobodys has a place that gives its turn back be nobody's again, if any sender may take it.
const nobodys = `, account = CASE WHEN unbound THEN NULL ELSE account END`
