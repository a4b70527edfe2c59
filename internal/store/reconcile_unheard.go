package store

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// unheardSQL finds the outbox entries that are done and of which the
// enrollment's row shows nothing: a fix or a resume that is younger than the park
// that is still open, or a disenrollment of one that is still enrolled. While
// workers run that is a moment; when the workflow was lost with the signal, it is
// a wake-up lost (law 3). An entry that is still open will signal what it selects.
//
// Credits ($4) are left out: their entry stays open for as long as they can
// serve. An enrollment that is paused in a campaign that is not has missed the
// unpause, whose cause is beside the campaign's key in $2 and $3.
var unheardSQL = `
WITH e AS (SELECT id, campaign, contact_id, status, code, park_seq, enrolled_at FROM enrollments
            WHERE id = ANY ($1) AND ` + runningSQL + `),
signalled AS (
	SELECT e.id AS enrollment_id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 1 AS rank
	  FROM e JOIN parked_on p ON p.enrollment_id = e.id AND p.seq = e.park_seq JOIN outbox o ON ` + fixSelectsSQL("o.cause", "o.id") + `
	 WHERE o.kind = 'fix' AND o.cause <> $4
	UNION ALL
	SELECT e.id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 1
	  FROM e JOIN outbox o ON ` + resumeSelectsSQL + `
	 WHERE o.kind = 'resume'
	UNION ALL
	SELECT e.id, 0, 'fix', active.cause, '', '', '',
	       CASE WHEN NOT EXISTS (SELECT FROM outbox o WHERE o.kind = 'fix' AND o.cause = active.cause AND o.done_at IS NULL)
	            THEN e.enrolled_at END, 1
	  FROM e JOIN campaigns c ON c.key = e.campaign JOIN unnest($2::text[], $3::text[]) AS active (campaign, cause) ON active.campaign = c.key
	 WHERE e.status = 'Paused' AND NOT c.paused
	UNION ALL
	SELECT e.id, o.id, o.kind, o.cause, o.assume, o.note, o.by, o.done_at, 0
	  FROM e JOIN outbox o ON ` + disenrollSelectsSQL + `
	 WHERE o.kind = 'disenroll')
SELECT DISTINCT ON (enrollment_id) enrollment_id, id, kind, cause, assume, note, by
  FROM signalled WHERE NOT EXISTS (SELECT FROM signalled still WHERE still.enrollment_id = signalled.enrollment_id AND still.done_at IS NULL)
 ORDER BY enrollment_id, rank, id DESC`

// unheard finds the entry that each of these enrollments has not heard.
func unheard(ctx context.Context, db querier, found []recordRow) (map[int64]campaign.OutboxEntry, error) {
	ids := make([]int64, len(found))
	active := map[string]failure.Cause{}
	for i, row := range found {
		ids[i] = row.ID
		active[row.Campaign] = failure.CampaignActive(row.Campaign)
	}
	keys := slices.Collect(maps.Keys(active))
	causes := make([]failure.Cause, len(keys))
	for i, key := range keys {
		causes[i] = active[key]
	}
	rows, err := db.Query(ctx, unheardSQL, ids, keys, causes, failure.Plan)
	if err != nil {
		return nil, err
	}
	signalled := map[int64]campaign.OutboxEntry{}
	var id int64
	var entry campaign.OutboxEntry
	_, err = pgx.ForEachRow(rows, []any{&id, &entry.ID, &entry.Kind, &entry.Cause, &entry.Assume, &entry.Note, &entry.By}, func() error {
		signalled[id] = entry
		return nil
	})
	return signalled, err
}
