package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// Calendar returns the zone and the holidays of the workspace.
func (s *Store) Calendar(ctx context.Context) (pace.Calendar, error) {
	return readCalendar(ctx, s.pool)
}

func readCalendar(ctx context.Context, db querier) (pace.Calendar, error) {
	rows, err := db.Query(ctx, `SELECT rules FROM calendar`)
	if err != nil {
		return pace.Calendar{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[pace.Calendar])
}
