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
// group first.
func (s *Store) ErrorSummary(ctx context.Context, key string) ([]ErrorGroup, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT campaign, code, CASE WHEN cause LIKE 'contact:%' THEN 'contact' ELSE coalesce(cause, '') END AS cause,
		       count(*) AS count, min(parked_at) AS oldest
		  FROM enrollments
		 WHERE park_seq IS NOT NULL AND ($1 = '' OR campaign = $1)
		 GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3`, key)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ErrorGroup])
}
