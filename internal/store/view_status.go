package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/failure"
)

// CampaignStatus counts the enrollments of one campaign. The six statuses add
// up to Enrolled (law 2).
type CampaignStatus struct {
	Campaign    string `json:"campaign"`
	Enrolled    int    `json:"enrolled"`
	Active      int    `json:"active"`
	Waiting     int    `json:"waiting"`
	InError     int    `json:"inError"`
	Paused      int    `json:"paused"`
	Completed   int    `json:"completed"`
	Disenrolled int    `json:"disenrolled"`
	// Sent counts emails that a server has accepted. SMS to owners are not counted.
	Sent   int                  `json:"sent"`
	ByCode map[failure.Code]int `json:"byCode"`
	// Ended counts those, of any status, whose workflow was ended from outside:
	// nothing moves them. Retrying counts those at a step that has failed and is
	// tried again.
	Ended    int `json:"ended"`
	Retrying int `json:"retrying"`
}

// CampaignStatuses counts for every campaign, or for the one with this key: it
// adds up the tally, so it takes no longer for a million enrollments. One
// statement, so that the numbers are of one moment. An enrollment whose waiting
// is over counts as active: it is due.
func (s *Store) CampaignStatuses(ctx context.Context, key string) ([]CampaignStatus, error) {
	rows, err := s.pool.Query(ctx, `
		WITH counted AS (
			SELECT campaign, status, code, sum(n) AS n FROM tally WHERE $1 = '' OR campaign = $1
			 GROUP BY 1, 2, 3),
		due AS MATERIALIZED ( -- once a campaign, not once for each of its statuses
			SELECT key, (SELECT count(*) FROM enrollments e
			              WHERE e.campaign = key AND e.status = 'Waiting' AND e.next_at <= statement_timestamp()) AS n
			  FROM campaigns WHERE $1 = '' OR key = $1)
		SELECT due.key AS campaign,
		       coalesce(sum(k.n) FILTER (WHERE k.status <> 'sent'), 0)::bigint AS enrolled,
		       (coalesce(sum(k.n) FILTER (WHERE k.status = 'Active'), 0) + due.n)::bigint AS active,
		       (coalesce(sum(k.n) FILTER (WHERE k.status = 'Waiting'), 0) - due.n)::bigint AS waiting,
		       coalesce(sum(k.n) FILTER (WHERE k.status = 'InError'), 0)::bigint AS in_error,
		       coalesce(sum(k.n) FILTER (WHERE k.status = 'Paused'), 0)::bigint AS paused,
		       coalesce(sum(k.n) FILTER (WHERE k.status = 'Completed'), 0)::bigint AS completed,
		       coalesce(sum(k.n) FILTER (WHERE k.status = 'Disenrolled'), 0)::bigint AS disenrolled,
		       coalesce(sum(k.n) FILTER (WHERE k.status = 'sent'), 0)::bigint AS sent,
		       coalesce(jsonb_object_agg(k.code, k.n) FILTER (WHERE k.status = 'InError' AND k.n > 0), '{}') AS by_code,
		       (SELECT count(*) FROM `+endedSQL+` WHERE e.campaign = due.key) AS ended,
		       (SELECT count(*) FROM retrying t WHERE t.campaign = due.key) AS retrying
		  FROM due LEFT JOIN counted k ON k.campaign = due.key
		 GROUP BY due.key, due.n ORDER BY due.key`, key)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[CampaignStatus])
}
