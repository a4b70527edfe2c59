package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/failure"
)

// ErrorGroup counts the contacts of a campaign that are in error for one reason.
type ErrorGroup struct {
	Campaign string       `json:"campaign"`
	Code     failure.Code `json:"code"`
	// Cause is what one fix would change for all of them; the contact's own
	// causes are counted together, as `contact`.
	Cause  string    `json:"cause"`
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest"`
}

// ErrorSummary groups the contacts in error by what keeps them, the largest
// group first; those whose workflow was ended while they were not in error are a
// group of their campaign. The tally has the groups, an index the oldest of each.
func (s *Store) ErrorSummary(ctx context.Context, key string) ([]ErrorGroup, error) {
	rows, err := s.pool.Query(ctx, `
		WITH counted AS (
			SELECT campaign, code, cause, sum(n)::bigint AS count FROM tally
			 WHERE status = 'InError' AND ($1 = '' OR campaign = $1)
			 GROUP BY 1, 2, 3 HAVING sum(n) > 0)
		SELECT campaign, code, cause, count, oldest
		  FROM counted c
		 CROSS JOIN LATERAL (
			SELECT e.parked_at AS oldest FROM enrollments e
			 WHERE e.park_seq IS NOT NULL AND e.campaign = c.campaign AND e.code = c.code AND cause_group(e.cause) = c.cause
			 ORDER BY e.parked_at LIMIT 1) AS first
		 UNION ALL
		SELECT e.campaign, 'WorkflowEnded', $2::text, count(*), min(w.noticed_at)
		  FROM `+endedSQL+` WHERE e.park_seq IS NULL AND ($1 = '' OR e.campaign = $1) GROUP BY 1
		 ORDER BY count DESC, campaign, code, cause`, key, endedCause)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ErrorGroup])
}
