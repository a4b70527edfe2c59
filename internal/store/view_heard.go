package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Bounced is what a campaign counts beside the reasons of campaign.EndedBy: a report has said
// that the address of a message that was accepted is of no use.
const Bounced campaign.EndedBy = "bounced"

// HeardCount counts the contacts of a campaign from which something was heard, at the step that it
// was about: Bounced, or what a person has said.
type HeardCount struct {
	StepID string
	What   campaign.EndedBy
	Count  int
}

// heardWhatSQL is what message i says, as HeardCount names it; NULL for what is not counted.
const heardWhatSQL = `CASE WHEN i.kind IN ('reply', 'calendar') THEN 'replied' WHEN i.kind = 'unsubscribe' THEN 'unsubscribed' WHEN i.kind = 'complaint' THEN 'complained'
	WHEN i.kind = 'left_company' THEN 'left' WHEN i.kind = 'bounce' AND i.class = 'hard' THEN 'bounced' END`

// HeardBySteps counts by the step of the message that was answered, each contact once. Who was
// ended without a message to this campaign, by a link or by an answer to another one, counts at
// the last email of this one; at no step when there was none.
func (s *Store) HeardBySteps(ctx context.Context, key string) ([]HeardCount, error) {
	rows, err := s.pool.Query(ctx, `
		WITH answered AS MATERIALIZED (
			SELECT DISTINCT ON (i.enrollment_id, what) i.enrollment_id, i.step_id, what
			  FROM inbound i JOIN enrollments e ON e.id = i.enrollment_id CROSS JOIN LATERAL (SELECT `+heardWhatSQL+` AS what) w
			 WHERE i.contact_id IS NOT NULL AND i.kind IN ('reply', 'calendar', 'unsubscribe', 'complaint', 'left_company', 'bounce')
			   AND i.state = 'settled' AND e.campaign = $1 AND what IS NOT NULL
			 ORDER BY i.enrollment_id, what, i.id),
		ended AS (
			SELECT coalesce(d.step_id, '') AS step_id, e.ended_by AS what
			  FROM enrollments e
			  LEFT JOIN LATERAL (SELECT step_id FROM deliveries d WHERE d.enrollment_id = e.id AND d.kind = 'email' AND d.state IN ('wire', 'sent', 'uncertain')
			                      ORDER BY d.reserved_at DESC LIMIT 1) d ON true
			 WHERE e.campaign = $1 AND e.status = 'Disenrolled' AND e.ended_by IN ('replied', 'unsubscribed', 'complained', 'left')
			   AND NOT EXISTS (SELECT FROM answered a WHERE a.enrollment_id = e.id AND a.what = e.ended_by))
		SELECT step_id, what, count(*)::int FROM (SELECT step_id, what FROM answered UNION ALL SELECT step_id, what FROM ended) t GROUP BY 1, 2 ORDER BY 1, 2`, key)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[HeardCount])
}

// Bounced counts, by campaign, the contacts whose address turned out to be of no use after a
// server had accepted the message: of every campaign, or of the one with this key.
func (s *Store) Bounced(ctx context.Context, key string) (map[string]int, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT e.campaign, count(DISTINCT i.enrollment_id)::int FROM inbound i JOIN enrollments e ON e.id = i.enrollment_id
		 WHERE i.contact_id IS NOT NULL AND i.kind = 'bounce' AND i.class = 'hard' AND i.state = 'settled' AND ($1 = '' OR e.campaign = $1) GROUP BY 1`, key)
	if err != nil {
		return nil, mapError(err)
	}
	counts := map[string]int{}
	var of string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&of, &n}, func() error {
		counts[of] = n
		return nil
	})
	return counts, mapError(err)
}

// SendersOf lists the email accounts that campaigns send with: of every campaign, or of the one
// with this key.
func (s *Store) SendersOf(ctx context.Context, key string) (map[string][]string, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT key, CASE WHEN senders <> '{}' THEN senders WHEN sender IS NOT NULL THEN ARRAY[sender] ELSE '{}' END FROM campaigns WHERE $1 = '' OR key = $1`, key)
	if err != nil {
		return nil, mapError(err)
	}
	senders := map[string][]string{}
	var of string
	var addresses []string
	_, err = pgx.ForEachRow(rows, []any{&of, &addresses}, func() error {
		senders[of] = addresses
		addresses = nil
		return nil
	})
	return senders, mapError(err)
}
