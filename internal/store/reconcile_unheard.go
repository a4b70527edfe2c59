package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// unheardSQL finds what the outbox has told (its row is done) and what the
// enrollment's row shows nothing of: a fix or a resume that is younger than the
// park that is still open, or a disenrollment of who is still enrolled. While
// workers run that is a moment; when the workflow was lost with the message, it
// is a wake-up lost (law 3). The conditions are those of Targets. Whom an open
// row concerns is told by it.
//
// Credits are left out: their row stays open for as long as they can serve. Who
// is paused in a campaign that is not has missed the unpause.
const unheardSQL = `
WITH e AS (SELECT id, campaign, contact_id, status, code, park_seq, enrolled_at FROM enrollments
            WHERE id = ANY ($1) AND status NOT IN ('Completed', 'Disenrolled')),
told AS (
	SELECT e.id AS enrollment_id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 1 AS rank
	  FROM e JOIN parked_on p ON p.enrollment_id = e.id AND p.seq = e.park_seq JOIN outbox o ON o.cause = p.cause AND o.id > p.seq
	 WHERE o.kind = 'fix' AND o.cause <> 'plan'
	UNION ALL
	SELECT e.id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 1
	  FROM e JOIN outbox o ON o.id > e.park_seq
	 WHERE o.kind = 'resume' AND (o.assume <> '' OR e.code <> 'DeliveryUncertain')
	   AND (o.campaign = '' OR o.campaign = e.campaign) AND (o.code = '' OR o.code = e.code)
	   AND (o.contacts = '{}' OR e.contact_id = ANY (o.contacts))
	UNION ALL
	SELECT e.id, 0, 'fix', 'campaign:' || c.key || '/active', '', '', '',
	       CASE WHEN NOT EXISTS (SELECT FROM outbox o WHERE o.kind = 'fix' AND o.cause = 'campaign:' || c.key || '/active' AND o.done_at IS NULL)
	            THEN e.enrolled_at END, 1
	  FROM e JOIN campaigns c ON c.key = e.campaign
	 WHERE e.status = 'Paused' AND NOT c.paused
	UNION ALL
	SELECT e.id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 0
	  FROM e JOIN outbox o ON o.created_at >= e.enrolled_at
	 WHERE o.kind = 'disenroll'
	   AND (o.campaign = '' OR o.campaign = e.campaign) AND (o.code = '' OR o.code = e.code)
	   AND (o.contacts = '{}' OR e.contact_id = ANY (o.contacts)))
SELECT DISTINCT ON (enrollment_id) enrollment_id, id, kind, cause, assume, note, by
  FROM told WHERE NOT EXISTS (SELECT FROM told still WHERE still.enrollment_id = told.enrollment_id AND still.done_at IS NULL)
 ORDER BY enrollment_id, rank, id DESC`

func unheard(ctx context.Context, db querier, enrollmentIDs []int64) (map[int64]campaign.OutboxEntry, error) {
	rows, err := db.Query(ctx, unheardSQL, enrollmentIDs)
	if err != nil {
		return nil, err
	}
	told := map[int64]campaign.OutboxEntry{}
	var id int64
	var entry campaign.OutboxEntry
	_, err = pgx.ForEachRow(rows, []any{&id, &entry.ID, &entry.Kind, &entry.Cause, &entry.Assume, &entry.Note, &entry.By}, func() error {
		told[id] = entry
		return nil
	})
	return told, err
}
