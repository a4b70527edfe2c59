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
var requestSQL = `
	SELECT o.id, o.kind, o.cause, o.campaign, o.code, cardinality(o.contacts) AS named, o.rate, o.by, o.created_at AS since, o.signalled AS done, CASE WHEN o.done_at IS NULL AND o.not_before > clock_timestamp() THEN o.not_before END AS not_before,
	       ` + totalSQL + `,
	       o.note, o.assume, o.done_at,
	       CASE WHEN o.cause = $1 THEN woken.n ELSE fixed.older + CASE WHEN o.signalled_to < o.id THEN greatest(o.total - o.signalled, 0) ELSE 0 END END + resumed.still AS still, parked.again + resumed.again AS again, ended.n AS ended
	  FROM (SELECT *, done_at IS NULL OR $2 AS counted, CASE WHEN kind = 'fix' AND done_at IS NULL AND total > 0 THEN cursor + 1 ELSE id END AS signalled_to,
	               coalesce((SELECT min(n.id) FROM outbox n WHERE n.kind = 'fix' AND n.cause = chosen.cause AND n.id > chosen.id), $3) AS next
	          FROM chosen) AS o
	 CROSS JOIN LATERAL ( -- from the index alone, and only those that were signalled, while it is known how many the others are: a fix may be for very many
		SELECT count(*) AS older FROM parked_on p WHERE o.kind = 'fix' AND o.counted AND o.cause <> $1 AND ` + fixSelectsSQL("o.cause", "o.signalled_to") + `) AS fixed
	 CROSS JOIN LATERAL (
		SELECT count(*) AS n FROM parked_on p
		 WHERE o.kind = 'fix' AND o.counted AND o.cause = $1 AND p.woken_at IS NOT NULL AND ` + fixSelectsSQL("o.cause", "o.id") + `) AS woken
	 CROSS JOIN LATERAL (
		SELECT count(*) AS again FROM parked_on p
		 WHERE o.kind = 'fix' AND o.counted AND p.cause = o.cause AND p.seq > o.id AND p.seq < o.next AND p.park_id > 1) AS parked
	 CROSS JOIN LATERAL ( -- e are those that were named, if any were
		SELECT count(*) FILTER (WHERE ` + resumesSQL + `) AS still, count(*) FILTER (WHERE e.park_seq > o.id AND e.park_id > 1) AS again
		  FROM (SELECT campaign, contact_id, code, park_seq, park_id FROM enrollments WHERE contact_id = ANY (o.contacts) AND park_seq IS NOT NULL
		         UNION ALL
		        SELECT campaign, contact_id, code, park_seq, park_id FROM enrollments
		         WHERE o.contacts = '{}' AND park_seq IS NOT NULL AND (o.code = '' OR code = o.code)) AS e
		 WHERE o.kind = 'resume' AND o.counted AND (o.campaign = '' OR e.campaign = o.campaign)) AS resumed
	 CROSS JOIN LATERAL (
		SELECT count(*) AS n FROM ended_workflows w JOIN enrollments e ON e.id = w.enrollment_id
		 WHERE o.counted AND (o.kind = 'fix' AND EXISTS (SELECT FROM parked_on p WHERE p.enrollment_id = e.id AND ` + fixSelectsSQL("o.cause", "o.id") + `)
		                   OR o.kind = 'resume' AND ` + resumeSelectsSQL + `)) AS ended`

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
	if r.Kind == campaign.OutboxEnroll || r.Kind == campaign.OutboxEdit || r.Kind == campaign.OutboxDisenroll || r.Cause == failure.Plan { // of credits, as many as there were
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
