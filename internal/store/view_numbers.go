package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// stepNumbers are the places of the steps in the campaigns that were edited, from 0. In any
// other a row's position is the place: it counts, and an edit lets it count on.
type stepNumbers map[[2]string]int

func (s *Store) stepNumbers(ctx context.Context) (stepNumbers, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT c.key, step.value->>'id', step.n::int - 1 FROM campaigns c, jsonb_array_elements(c.steps) WITH ORDINALITY AS step (value, n) WHERE c.version > 1`)
	if err != nil {
		return nil, err
	}
	numbers := stepNumbers{}
	var key, id string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&key, &id, &n}, func() error {
		numbers[[2]string{key, id}] = n
		return nil
	})
	return numbers, err
}

// of is the place of a step, or the row's position when the campaign was not edited, or has it no more.
func (n stepNumbers) of(campaignKey, stepID string, position int) int {
	if place, ok := n[[2]string{campaignKey, stepID}]; ok {
		return place
	}
	return position
}
