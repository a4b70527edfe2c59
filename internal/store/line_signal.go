package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// resignal is after how long an enrollment is signalled again of a turn that it has not used.
const resignal = time.Minute

// claimsIn is how soon a signalled turn is claimed, where workers are at work: one that is
// not by then holds no other back.
const claimsIn = 3 * time.Second

// TurnsToSignal lists enrollments that have a turn and have not been signalled of it, or
// not lately: the first of each account before the second of any. Who has been signalled
// before comes last.
func (s *Store) TurnsToSignal(ctx context.Context, limit int) ([]campaign.GivenTurn, error) {
	rows, err := s.pool.Query(ctx, `
		WITH given AS (
			SELECT l.enrollment_id, e.campaign AS campaign_key, e.contact_id, l.turn, coalesce(l.account, '') AS account, l.granted_at, l.signalled_at,
			       l.signalled_at IS NULL OR l.signalled_at < clock_timestamp() - $2::interval AS due,
			       count(*) FILTER (WHERE l.signalled_at > clock_timestamp() - $3::interval AND e.status = 'Waiting') OVER (PARTITION BY l.account) AS under_way
			  FROM line l JOIN enrollments e ON e.id = l.enrollment_id
			 WHERE l.state = 'granted')
		SELECT enrollment_id, campaign_key, contact_id, turn, account, under_way FROM given
		 WHERE due ORDER BY row_number() OVER (PARTITION BY account ORDER BY signalled_at IS NOT NULL, granted_at), granted_at LIMIT $1`, limit, resignal, claimsIn)
	if err != nil {
		return nil, mapError(err)
	}
	turns, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.GivenTurn])
	return turns, mapError(err)
}

// firstSignal has a turn count from its first signal: it may have waited for room before.
const firstSignal = `granted_at = CASE WHEN signalled_at IS NULL THEN clock_timestamp() ELSE granted_at END`

// TurnsSignalled notes which of the turns were signalled.
// Those without an open workflow are put aside: they keep nobody waiting.
func (s *Store) TurnsSignalled(ctx context.Context, turns []campaign.GivenTurn, gone []int64) error {
	batch := &pgx.Batch{}
	queueOfTurns(batch, turns, firstSignal+`, signalled_at = clock_timestamp()`)
	if len(gone) > 0 {
		batch.Queue(`UPDATE line SET state = 'stuck'`+nobodys+` WHERE enrollment_id = ANY ($1) AND state = 'granted'`, gone)
	}
	return mapError(s.pool.SendBatch(ctx, batch).Close())
}

// TurnsFailed has turns that could not be signalled come after the others of their accounts:
// one that never can would be the first again at each look, where there is room for one.
func (s *Store) TurnsFailed(ctx context.Context, turns []campaign.GivenTurn) error {
	batch := &pgx.Batch{}
	queueOfTurns(batch, turns, firstSignal)
	return mapError(s.pool.SendBatch(ctx, batch).Close())
}

// queueOfTurns changes the places of these turns, if they have them still. Another giver may
// note the same ones, in another order: neither waits for the other.
func queueOfTurns(batch *pgx.Batch, turns []campaign.GivenTurn, change string) {
	for chunk := range slices.Chunk(turns, 1000) {
		ids, numbers := make([]int64, len(chunk)), make([]int64, len(chunk))
		for i, turn := range chunk {
			ids[i], numbers[i] = turn.EnrollmentID, turn.Turn
		}
		batch.Queue(`
			UPDATE line SET `+change+`
			 WHERE enrollment_id IN (SELECT l.enrollment_id FROM line l JOIN unnest($1::bigint[], $2::bigint[]) AS given (id, turn) ON l.enrollment_id = given.id AND l.turn = given.turn
			                          WHERE l.state = 'granted' FOR UPDATE OF l SKIP LOCKED)`, ids, numbers)
	}
}
