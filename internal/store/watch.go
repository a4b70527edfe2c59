package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// settling is how long an enrollment may have been started, or due, before it is
// looked at: what is on its way needs no look.
const settling = time.Minute

const watchedSQL = `SELECT e.campaign, e.contact_id, e.id FROM enrollments e
	 WHERE e.status NOT IN ('Completed', 'Disenrolled') AND e.started_at < clock_timestamp() - $1::interval
	   AND NOT EXISTS (SELECT FROM ended_workflows w WHERE w.enrollment_id = e.id)`

// NextWatched returns the next page of the round over the enrollments that have
// not ended and whose workflow is not known to have; the round begins again
// behind the last. Turned moves on.
func (s *Store) NextWatched(ctx context.Context, limit int) ([]campaign.Watched, error) {
	return s.watched(ctx, ` AND e.id > (SELECT cursor FROM watch) ORDER BY e.id LIMIT $2`, settling, limit)
}

// Turned moves the round behind an enrollment; 0 begins it again.
func (s *Store) Turned(ctx context.Context, enrollmentID int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE watch SET cursor = $1`, enrollmentID)
	return err
}

// Overdue returns the enrollments whose wait has been over for the longest, and
// that have not moved.
func (s *Store) Overdue(ctx context.Context, limit int) ([]campaign.Watched, error) {
	return s.watched(ctx, ` AND e.status = 'Waiting' AND e.next_at < clock_timestamp() - $1::interval ORDER BY e.next_at LIMIT $2`, settling, limit)
}

// WatchedOf returns those of the keys whose enrollment has not ended and is not
// known to have lost its workflow.
func (s *Store) WatchedOf(ctx context.Context, keys []campaign.EnrollmentKey) ([]campaign.Watched, error) {
	campaigns, contacts := make([]string, len(keys)), make([]int64, len(keys))
	for i, key := range keys {
		campaigns[i], contacts[i] = key.CampaignKey, key.ContactID
	}
	return s.watched(ctx, ` AND (e.campaign, e.contact_id) IN (SELECT * FROM unnest($2::text[], $3::bigint[]))`, time.Duration(0), campaigns, contacts)
}

func (s *Store) watched(ctx context.Context, which string, args ...any) ([]campaign.Watched, error) {
	rows, err := s.pool.Query(ctx, watchedSQL+which, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanWatched)
}

func scanWatched(row pgx.CollectableRow) (one campaign.Watched, err error) {
	return one, row.Scan(&one.CampaignKey, &one.ContactID, &one.EnrollmentID)
}

// ListedTo is until when the index has been asked for closed workflows.
func (s *Store) ListedTo(ctx context.Context) (at time.Time, err error) {
	return at, s.pool.QueryRow(ctx, `SELECT listed_to FROM watch`).Scan(&at)
}

// Listed says that the index has been asked until then, by a worker's clock: one that is ahead does
// not keep the next watches from asking.
func (s *Store) Listed(ctx context.Context, to time.Time) error {
	_, err := s.pool.Exec(ctx, `UPDATE watch SET listed_to = least(clock_timestamp(), greatest(listed_to, $1))`, to)
	return err
}

// NoteEnded records that the workflow of an enrollment is closed, and reports
// whether that was news. An enrollment that has ended by now is left alone: its
// row is written before its workflow closes.
func (s *Store) NoteEnded(ctx context.Context, ended campaign.EndedWorkflow) (news bool, err error) {
	var closedAt *time.Time
	if !ended.ClosedAt.IsZero() {
		closedAt = &ended.ClosedAt
	}
	rows, err := s.pool.Query(ctx, `
		INSERT INTO ended_workflows AS w (enrollment_id, how, closed_at)
		SELECT id, $2, $3 FROM enrollments WHERE id = $1 AND status NOT IN ('Completed', 'Disenrolled')
		    ON CONFLICT (enrollment_id) DO UPDATE SET checked_at = clock_timestamp(),
		       how = CASE excluded.how WHEN 'closed' THEN w.how ELSE excluded.how END, closed_at = coalesce(excluded.closed_at, w.closed_at)
		RETURNING xmax = 0`, ended.EnrollmentID, ended.Ending, closedAt)
	if err != nil {
		return false, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	return len(found) > 0 && found[0], err
}

// Reopened records that the workflow of an enrollment runs: it was started again.
func (s *Store) Reopened(ctx context.Context, enrollmentIDs ...int64) error {
	if len(enrollmentIDs) == 0 {
		return nil
	}
	_, err := s.pool.Exec(ctx, `DELETE FROM ended_workflows WHERE enrollment_id = ANY ($1)`, enrollmentIDs)
	return err
}

// Unchecked returns the enrollments whose workflow was ended and that have not
// been looked at again for the longest: somebody may have started it again.
func (s *Store) Unchecked(ctx context.Context, limit int) ([]campaign.Watched, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT e.campaign, e.contact_id, e.id FROM ended_workflows w JOIN enrollments e ON e.id = w.enrollment_id
		 ORDER BY w.checked_at LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanWatched)
}

// ForgetStale removes what counts no more: ended workflows of enrollments that
// have ended, and retries of steps that are not tried any more.
func (s *Store) ForgetStale(ctx context.Context) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM ended_workflows w USING enrollments e WHERE e.id = w.enrollment_id AND e.status IN ('Completed', 'Disenrolled')`)
	batch.Queue(`DELETE FROM retries r WHERE NOT EXISTS (SELECT FROM retrying t WHERE t.enrollment_id = r.enrollment_id)`)
	return s.pool.SendBatch(ctx, batch).Close()
}
