package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// StepCount is how many enrollments stand, or have ended, at one step in one status.
type StepCount struct {
	StepID string          `json:"stepId"`
	Status campaign.Status `json:"status"`
	Count  int             `json:"count"`
}

// StepCounts are where the enrollments of a campaign stand, and how many messages of
// each step were accepted.
type StepCounts struct {
	Standing []StepCount
	// Sent counts emails, and SMS to the owner, by step.
	Sent map[string]int
}

// StepCounts adds up the tally of a campaign by step. One statement, so that the
// numbers are of one moment. As in CampaignStatuses, who has waited long enough
// counts as active.
func (s *Store) StepCounts(ctx context.Context, key string) (StepCounts, error) {
	rows, err := s.pool.Query(ctx, `
		WITH due AS (
			SELECT step_id, count(*) AS n FROM enrollments
			 WHERE campaign = $1 AND status = 'Waiting' AND next_at <= statement_timestamp() GROUP BY 1)
		SELECT step_id, what, sum(n)::bigint FROM (
			SELECT step_id, what, n FROM tally_step WHERE campaign = $1 AND what <> 'parked'
			UNION ALL SELECT step_id, 'Waiting', -n FROM due
			UNION ALL SELECT step_id, 'Active', n FROM due) AS t
		 GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2`, key)
	if err != nil {
		return StepCounts{}, err
	}
	counts := StepCounts{Sent: map[string]int{}}
	var step, what string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&step, &what, &n}, func() error {
		if what == "sent" || what == "notified" {
			counts.Sent[step] += n
		} else {
			counts.Standing = append(counts.Standing, StepCount{step, campaign.Status(what), n})
		}
		return nil
	})
	return counts, err
}

// DayCount is what has happened on one day, UTC.
type DayCount struct {
	Day time.Time `json:"day"`
	// Sent counts emails that a server has accepted, InError parks, those that were
	// repaired since too.
	Sent    int `json:"sent"`
	InError int `json:"inError"`
	// Completed and Disenrolled count enrollments that have ended.
	Completed   int `json:"completed"`
	Disenrolled int `json:"disenrolled"`
}

// DayCounts adds up the last days, the present one is the last of them, of one
// campaign or of all: every day has its line. At most 90.
func (s *Store) DayCounts(ctx context.Context, key string, days int) ([]DayCount, error) {
	where, args := "", pgx.NamedArgs{"days": days}
	if key != "" {
		where, args["campaign"] = "AND t.campaign = @campaign", key
	}
	rows, err := s.pool.Query(ctx, `
		SELECT d.day::timestamp AT TIME ZONE 'UTC' AS day,
		       coalesce(sum(t.n) FILTER (WHERE what = 'sent'), 0)::bigint AS sent,
		       coalesce(sum(t.n) FILTER (WHERE what = 'parked'), 0)::bigint AS in_error,
		       coalesce(sum(t.n) FILTER (WHERE what = 'Completed'), 0)::bigint AS completed,
		       coalesce(sum(t.n) FILTER (WHERE what = 'Disenrolled'), 0)::bigint AS disenrolled
		  FROM generate_series(0, @days::int - 1) AS i CROSS JOIN LATERAL (SELECT utc_day(now()) - i AS day) AS d
		  LEFT JOIN tally_step t ON t.day = d.day `+where+`
		 GROUP BY d.day ORDER BY d.day`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DayCount])
}
