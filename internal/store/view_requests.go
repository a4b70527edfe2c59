package store

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Request is an entry of the outbox as people look at it: what was asked for, how far
// it is, and what has become of the contacts.
type Request struct {
	OutboxStatus
	Note   string          `json:"note"`
	Assume campaign.Assume `json:"assume"`
	// DoneAt is when the last contact had been signalled; nil while it is under way.
	DoneAt *time.Time `json:"doneAt"`
	// Still counts the contacts that it is for and that stand where they stood, Ended
	// those of them whose workflow was ended from outside.
	Still int `json:"still"`
	Ended int `json:"ended"`
	// Again counts the contacts that had been in error before and are so again since:
	// for the same cause, or as the request selects them.
	Again int `json:"again"`
}

// requestSQL selects requests; the entries o are to be chosen. It has the cause of
// credits as $1, whose cursor does not move on, and in $2 whether what has become of
// those that are done is counted as well. A park that is younger than the next fix of
// its cause is that one's.
const requestSQL = `
	SELECT o.id, o.kind, o.cause, o.campaign, o.code, cardinality(o.contacts) AS named, o.rate, o.by, o.created_at AS since, o.signalled AS done,
	       CASE WHEN o.kind <> 'fix' THEN greatest(o.total, o.signalled)
	            ELSE o.signalled + CASE WHEN o.done_at IS NULL THEN coalesce(fixed.unsignalled, 0) ELSE 0 END END AS total,
	       o.note, o.assume, o.done_at,
	       coalesce(fixed.still, resumed.still, 0) AS still, coalesce(fixed.again, resumed.again, 0) AS again,
	       coalesce(fixed.ended, resumed.ended, 0) AS ended
	  FROM chosen o
	  LEFT JOIN LATERAL (
		SELECT count(*) FILTER (WHERE p.seq < o.id AND (o.cause <> $1 OR p.woken_at IS NOT NULL)) AS still,
		       count(*) FILTER (WHERE p.seq < o.id AND (p.seq > o.cursor OR o.cause = $1)) AS unsignalled,
		       count(*) FILTER (WHERE p.seq > o.id AND p.park_id > 1
		                          AND p.seq < coalesce((SELECT min(n.id) FROM outbox n WHERE n.kind = 'fix' AND n.cause = o.cause AND n.id > o.id), $3)) AS again,
		       (SELECT count(*) FROM ended_workflows w JOIN parked_on p ON p.enrollment_id = w.enrollment_id
		         WHERE p.cause = o.cause AND p.seq < o.id) AS ended
		  FROM parked_on p WHERE p.cause = o.cause) AS fixed ON o.kind = 'fix' AND (o.done_at IS NULL OR $2)
	  LEFT JOIN LATERAL (
		SELECT count(*) FILTER (WHERE ` + resumeSelectsSQL + `) AS still,
		       count(*) FILTER (WHERE e.park_seq > o.id AND e.park_id > 1) AS again,
		       (SELECT count(*) FROM ended_workflows w JOIN enrollments e ON e.id = w.enrollment_id WHERE ` + resumeSelectsSQL + `) AS ended
		  FROM (SELECT campaign, contact_id, code, park_seq, park_id FROM enrollments WHERE contact_id = ANY (o.contacts) AND park_seq IS NOT NULL
		         UNION ALL
		        SELECT campaign, contact_id, code, park_seq, park_id FROM enrollments
		         WHERE o.contacts = '{}' AND park_seq IS NOT NULL AND (o.code = '' OR code = o.code)) AS e
		 WHERE o.campaign = '' OR e.campaign = o.campaign
	  ) AS resumed ON o.kind = 'resume' AND (o.done_at IS NULL OR $2)`

// RequestsGoing lists what is under way, what was done since, and what has one of these
// numbers: what is under way first, then the latest first, at most limit.
func (s *Store) RequestsGoing(ctx context.Context, since time.Time, ids []int64, limit int) ([]Request, error) {
	return s.requests(ctx, `done_at IS NULL OR done_at > $4 OR id = ANY ($5) ORDER BY (done_at IS NULL) DESC, id DESC LIMIT $6`, true, since, ids, limit)
}

// RequestsDone lists what is done, the latest first, from before a number on; 0 is the
// first page. What has become of the contacts is left to Request.
func (s *Store) RequestsDone(ctx context.Context, before int64, limit int) ([]Request, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	return s.requests(ctx, `done_at IS NOT NULL AND id < $4 ORDER BY id DESC LIMIT $5`, false, before, limit)
}

// Request returns the one with this number. ErrNotFound when there is none (any more):
// it was stopped, or asked for again.
func (s *Store) Request(ctx context.Context, id int64) (Request, error) {
	found, err := s.requests(ctx, `id = $4`, true, id)
	if err != nil {
		return Request{}, err
	}
	if len(found) == 0 {
		return Request{}, noSuch("request", id)
	}
	return found[0], nil
}

func (s *Store) requests(ctx context.Context, which string, became bool, args ...any) ([]Request, error) {
	rows, err := s.pool.Query(ctx, `WITH chosen AS MATERIALIZED (SELECT * FROM outbox WHERE `+which+`)`+requestSQL+` ORDER BY (o.done_at IS NULL) DESC, o.id DESC`,
		append([]any{failure.Plan, became, int64(math.MaxInt64)}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Request])
}

// GoneOn counts the contacts that do not stand any more where the request has found them.
func (r Request) GoneOn() int {
	if r.Kind == campaign.OutboxEnroll || r.Kind == campaign.OutboxDisenroll || r.Cause == failure.Plan { // of credits, as many as there were
		return max(r.Done-r.Still, 0)
	}
	return max(r.Total-r.Still, 0)
}

// Became counts the enrollments of a request that started them by where they stand now.
func (s *Store) Became(ctx context.Context, started Request) (map[campaign.Status]int, error) {
	rows, err := s.pool.Query(ctx, `SELECT status, count(*) FROM enrollments WHERE campaign = $1 AND request = $2 GROUP BY 1`, started.Campaign, started.ID)
	if err != nil {
		return nil, err
	}
	counts := map[campaign.Status]int{}
	var status campaign.Status
	var count int
	_, err = pgx.ForEachRow(rows, []any{&status, &count}, func() error {
		counts[status] = count
		return nil
	})
	return counts, err
}
