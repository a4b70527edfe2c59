package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// lostSQL gives a place to those who wait for a turn and stand in no line, and names those whose zone counts. It
// asks now, once: by a clock that goes on it would look for the edit of each one who waits.
var lostSQL = `
WITH lost AS (
	SELECT e.id, e.step_id, e.campaign, e.sender, e.visit_base FROM enrollments e
	 WHERE e.status = 'Waiting' AND e.next_at IS NULL AND NOT EXISTS (SELECT FROM line l WHERE l.enrollment_id = e.id AND l.state <> 'held')
	   AND NOT EXISTS (SELECT FROM outbox o -- it is held until it has looked: see holdPlaces
	                    WHERE o.id = e.edit AND (o.done_at IS NULL OR o.done_at BETWEEN now() - interval '` + looksWithin.String() + `' AND now() + interval '` + looksWithin.String() + `'))
	 LIMIT 5000 FOR KEY SHARE OF e SKIP LOCKED), -- the rest in the next second: after a restore they are many
put AS (
	INSERT INTO line (enrollment_id, step_id, campaign, account, unbound, band, state)
	SELECT e.id, e.step_id, e.campaign, CASE WHEN c.senders = '{}' THEN coalesce(own.sender, '') ELSE own.sender END, c.senders <> '{}' AND own.sender IS NULL,
	       CASE WHEN EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = e.id AND d.visit > e.visit_base AND d.kind = 'email' AND d.state = 'sent') THEN 1 ELSE 2 END, 'waiting'
	  FROM lost e JOIN campaigns c ON c.key = e.campaign CROSS JOIN LATERAL (SELECT ` + ownSenderSQL + ` AS sender) AS own
	 ORDER BY e.id
	    ON CONFLICT (enrollment_id) DO UPDATE SET state = 'waiting', not_before = NULL, account = excluded.account, unbound = excluded.unbound WHERE line.state = 'held' -- its senders may be others by now
	RETURNING enrollment_id, campaign)
SELECT put.enrollment_id, coalesce(c.send_window->>'zone' = $1, false) FROM put JOIN campaigns c ON c.key = put.campaign`

// lineUpLost gives those their place who wait for a turn and stand in no line, as after a restore from a backup.
func (s *Store) lineUpLost(ctx context.Context) (found int64, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lostSQL, pace.RecipientZone)
		if err != nil {
			return err
		}
		var id int64
		var zoned bool
		var ids []int64
		tag, err := pgx.ForEachRow(rows, []any{&id, &zoned}, func() error {
			if zoned {
				ids = append(ids, id)
			}
			return nil
		})
		found = tag.RowsAffected()
		if err != nil || len(ids) == 0 {
			return err
		}
		return zoneLine(ctx, tx, `l.enrollment_id = ANY ($1)`, ids)
	})
	return found, err
}
