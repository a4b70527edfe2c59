package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// setAside is how long a credit is kept for a contact that was woken for it.
const setAside = 2 * time.Minute

const openEntriesSQL = `SELECT id, kind, cause, campaign, assume, note, by, cursor, rate FROM outbox WHERE done_at IS NULL`

// dueEntriesSQL leaves out requests that are to begin later.
const dueEntriesSQL = openEntriesSQL + ` AND (not_before IS NULL OR not_before <= clock_timestamp())`

// OpenEntries lists the entries that are not done and have begun, oldest first.
func (s *Store) OpenEntries(ctx context.Context) ([]campaign.OutboxEntry, error) {
	rows, err := s.pool.Query(ctx, dueEntriesSQL+` ORDER BY id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.OutboxEntry])
}

// ofRoundSQL is what a target says of the round in which enrollment e is.
const ofRoundSQL = `e.visit_base, e.started_at IS NOT NULL`

// Targets returns the next page of enrollments that an entry selects, oldest
// park first, as PostgreSQL lists them now. A park that is younger than the
// entry was decided on newer facts: the entry does not select it.
//
// For credits, a page holds no more contacts than there are credits that are not
// set aside for others. Who was woken before and did not take it comes last: it
// must not keep it from the others.
func (s *Store) Targets(ctx context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error) {
	unlimited := false
	if entry.Cause == failure.Plan {
		if err := s.pool.QueryRow(ctx, `SELECT unlimited FROM plan`).Scan(&unlimited); err != nil {
			return nil, err
		}
	}
	switch {
	case entry.Kind == campaign.OutboxFix && entry.Cause == failure.Plan && !unlimited:
		return s.planTargets(ctx, entry, limit)
	case entry.Kind == campaign.OutboxFix:
		return s.collectTargets(ctx, `
			SELECT p.seq, e.id, e.campaign, e.contact_id, p.park_id, e.status, `+ofRoundSQL+`
			  FROM parked_on p JOIN enrollments e ON e.id = p.enrollment_id
			 WHERE `+fixSelectsSQL("$1", "$3")+` AND p.seq > $2 ORDER BY p.seq LIMIT $4`,
			entry.Cause, entry.Cursor, entry.ID, limit)
	case entry.Kind == campaign.OutboxResume:
		return s.collectTargets(ctx, `
			SELECT e.park_seq, e.id, e.campaign, e.contact_id, e.park_id, e.status, `+ofRoundSQL+`
			  FROM enrollments e, outbox o
			 WHERE o.id = $2 AND e.park_seq > $1 AND `+resumesSQL+` AND `+ofEntrysContactsSQL+`
			 ORDER BY e.park_seq LIMIT $3`, entry.Cursor, entry.ID, limit)
	case entry.Kind == campaign.OutboxEdit:
		return s.collectTargets(ctx, editTargetsSQL, entry.Cursor, entry.ID, limit)
	case entry.Kind == campaign.OutboxDisenroll:
		return s.collectTargets(ctx, `
			SELECT e.id, e.id, e.campaign, e.contact_id, 0, e.status, `+ofRoundSQL+`
			  FROM enrollments e, outbox o
			 WHERE o.id = $2 AND e.id > $1 AND `+disenrollsSQL+` AND `+ofEntrysContactsSQL+`
			 ORDER BY e.id LIMIT $3`, entry.Cursor, entry.ID, limit)
	case entry.Kind == campaign.OutboxStop:
		return s.collectTargets(ctx, `
			SELECT e.id, e.id, e.campaign, e.contact_id, 0, e.status, `+ofRoundSQL+`
			  FROM enrollments e, outbox o
			 WHERE o.id = $2 AND e.id > $1 AND `+stopsSQL+`
			 ORDER BY e.id LIMIT $3`, entry.Cursor, entry.ID, limit)
	}
	return nil, fmt.Errorf("outbox row %d: kind %q has no targets", entry.ID, entry.Kind)
}

// editTargetsSQL are those that an edit has to let look. One
// that is in error at a step that is gone, since before the edit, is resumed: its cause is
// moot. A lost answer is no such cause (law 4).
const editTargetsSQL = `
	SELECT e.id, e.id, e.campaign, e.contact_id,
	       CASE WHEN e.park_seq < $2 AND e.code <> 'DeliveryUncertain'
	             AND NOT EXISTS (SELECT FROM campaigns c, jsonb_array_elements(c.steps) AS step WHERE c.key = e.campaign AND (step->>'id' = e.step_id
	                 OR EXISTS (SELECT FROM jsonb_array_elements(c.path) AS known WHERE known->>'id' = step->>'id' AND known->'was' ? e.step_id)))
	            THEN e.park_id ELSE 0 END, e.status, ` + ofRoundSQL + `
	  FROM enrollments e
	 WHERE e.edit = $2 AND e.id > $1 AND ` + runningSQL + ` ORDER BY e.id LIMIT $3`

// planTargets finds the oldest parks that there are credits for. They are set
// aside when they have been signalled, not before: a drain that is killed in between
// finds the same ones again.
func (s *Store) planTargets(ctx context.Context, entry campaign.OutboxEntry, limit int) ([]campaign.Target, error) {
	return s.collectTargets(ctx, `
		WITH room AS (
			SELECT least($4, credits - (SELECT count(*) FROM parked_on
			                             WHERE cause = $1 AND woken_at > clock_timestamp() - $3::interval)) AS n
			  FROM plan),
		oldest AS (
			SELECT p.seq, p.enrollment_id, p.park_id FROM parked_on p
			 WHERE p.cause = $1 AND p.seq < $2 AND (p.woken_at IS NULL OR p.woken_at <= clock_timestamp() - $3::interval)
			   AND NOT EXISTS (SELECT FROM ended_workflows w WHERE w.enrollment_id = p.enrollment_id)
			 ORDER BY p.woken_at NULLS FIRST, p.seq LIMIT (SELECT greatest(n, 0) FROM room))
		SELECT o.seq, e.id, e.campaign, e.contact_id, o.park_id, e.status, `+ofRoundSQL+`
		  FROM oldest o JOIN enrollments e ON e.id = o.enrollment_id ORDER BY o.seq`,
		entry.Cause, entry.ID, setAside, int64(limit))
}

func (s *Store) collectTargets(ctx context.Context, sql string, args ...any) ([]campaign.Target, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[campaign.Target])
}

// AdvanceCursor moves the cursor of an entry behind a page that was signalled, but not past what
// is left, and sets a credit aside for each of the page when it waits for one.
func (s *Store) AdvanceCursor(ctx context.Context, entry campaign.OutboxEntry, page []campaign.Target) error {
	seqs := make([]int64, len(page))
	for i, target := range page {
		seqs[i] = target.Seq
	}
	_, err := s.pool.Exec(ctx, `
		WITH aside AS (
			UPDATE parked_on SET woken_at = clock_timestamp() WHERE cause = $4 AND cause = $2 AND seq = ANY ($3))
		UPDATE outbox SET cursor = greatest(cursor, least((SELECT max(seq) FROM unnest($3::bigint[]) AS seq), nullif($5::bigint, 0) - 1)), signalled = signalled + cardinality($3) WHERE id = $1`,
		entry.ID, entry.Cause, seqs, failure.Plan, entry.Left)
	return err
}

// CloseIfDrained closes an entry after its last page. One for credits stays open for as
// long as there are both credits and contacts that wait for one: a contact that
// was woken and did not take its credit must not keep it from the others.
func (s *Store) CloseIfDrained(ctx context.Context, entry campaign.OutboxEntry) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE outbox SET done_at = clock_timestamp() WHERE id = $1
		   AND NOT (cause = $2 AND EXISTS (SELECT FROM plan WHERE NOT unlimited AND credits > 0)
		                       AND EXISTS (SELECT FROM parked_on WHERE cause = $2 AND seq < $1))`, entry.ID, failure.Plan)
	return err
}
