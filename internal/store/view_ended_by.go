package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// EndedBy counts, by campaign, the enrollments that were ended by what a person has said: of every
// campaign, or of the one with this key.
func (s *Store) EndedBy(ctx context.Context, key string) (map[string]map[campaign.EndedBy]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT campaign, ended_by, count(*) FROM enrollments
		 WHERE status = 'Disenrolled' AND ended_by IS NOT NULL AND ($1 = '' OR campaign = $1) GROUP BY 1, 2`, key)
	if err != nil {
		return nil, mapError(err)
	}
	counts := map[string]map[campaign.EndedBy]int{}
	var of string
	var by campaign.EndedBy
	var n int
	_, err = pgx.ForEachRow(rows, []any{&of, &by, &n}, func() error {
		if counts[of] == nil {
			counts[of] = map[campaign.EndedBy]int{}
		}
		counts[of][by] = n
		return nil
	})
	return counts, err
}
