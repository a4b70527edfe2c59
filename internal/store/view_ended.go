package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Ended says that, and how, the workflow of an enrollment was ended from outside.
type Ended struct {
	How campaign.Ending `json:"how"`
	// ClosedAt is null when nobody knows: the workflow is gone.
	ClosedAt  *time.Time `json:"closedAt"`
	NoticedAt time.Time  `json:"noticedAt"`
}

// EndedRow is one enrollment whose workflow was ended while it was not in error.
type EndedRow struct {
	EnrollmentID int64
	Contact      campaign.Contact
	Campaign     string
	StepID       string
	StepIndex    int
	Status       campaign.Status
	Ended        Ended
}

// endedSQL are the enrollments that nothing moves: a row of one that has ended counts no more.
const endedSQL = `ended_workflows w JOIN enrollments e ON e.id = w.enrollment_id AND e.status NOT IN ('Completed', 'Disenrolled')`

// endedCause is what ErrorSummary says that those who are not in error wait for.
const endedCause = "workflow"

// wantsEnded is true when those that are not in error are to be listed.
func (f ErrorFilter) wantsEnded() bool {
	return (f.Code == "" || f.Code == failure.WorkflowEnded) && (f.Cause == "" || f.Cause == endedCause)
}

// EndedEnrollments returns the page of enrollments that are not in error and
// whose workflow was ended from outside: those with a higher id than after (0 for
// the first page), at most limit of them, all when it is 0. Those in error are
// listed by Errors.
func (s *Store) EndedEnrollments(ctx context.Context, filter ErrorFilter, after int64, limit int) ([]EndedRow, error) {
	if !filter.wantsEnded() {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.id, k.id, k.first_name, k.last_name, k.company, k.email, e.campaign, e.step_id, e.step_index, e.status, w.how, w.closed_at, w.noticed_at
		  FROM `+endedSQL+` JOIN contacts k ON k.id = e.contact_id
		 WHERE e.park_seq IS NULL AND ($1 = '' OR e.campaign = $1) AND ($2 = 0 OR e.contact_id = $2) AND e.id > $3
		 ORDER BY e.id LIMIT nullif($4, 0)`, filter.Campaign, filter.Contact, after, limit)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r EndedRow, err error) {
		return r, row.Scan(&r.EnrollmentID, &r.Contact.ID, &r.Contact.FirstName, &r.Contact.LastName, &r.Contact.Company, &r.Contact.Email,
			&r.Campaign, &r.StepID, &r.StepIndex, &r.Status, &r.Ended.How, &r.Ended.ClosedAt, &r.Ended.NoticedAt)
	})
	if err != nil {
		return nil, err
	}
	numbers, err := s.stepNumbers(ctx)
	for i, one := range found {
		found[i].StepIndex = numbers.of(one.Campaign, one.StepID, one.StepIndex)
	}
	return found, err
}

// countEnded counts what EndedEnrollments lists.
func (s *Store) countEnded(ctx context.Context, filter ErrorFilter) (count int, err error) {
	if !filter.wantsEnded() {
		return 0, nil
	}
	err = s.pool.QueryRow(ctx, `SELECT count(*) FROM `+endedSQL+`
		 WHERE e.park_seq IS NULL AND ($1 = '' OR e.campaign = $1) AND ($2 = 0 OR e.contact_id = $2)`, filter.Campaign, filter.Contact).Scan(&count)
	return count, err
}

// EndedKeys lists the enrollments, of a campaign or of any, whose workflow was
// ended from outside.
func (s *Store) EndedKeys(ctx context.Context, key string) ([]campaign.EnrollmentKey, error) {
	return s.keys(ctx, `FROM `+endedSQL+` WHERE $1 = '' OR e.campaign = $1 ORDER BY e.id`, key)
}

// KeysOf lists the enrollments of some contacts, in a campaign or in any.
func (s *Store) KeysOf(ctx context.Context, key string, contacts []int64) ([]campaign.EnrollmentKey, error) {
	return s.keys(ctx, `FROM enrollments e WHERE ($1 = '' OR e.campaign = $1) AND e.contact_id = ANY ($2) ORDER BY e.id`, key, contacts)
}

func (s *Store) keys(ctx context.Context, from string, args ...any) ([]campaign.EnrollmentKey, error) {
	rows, err := s.pool.Query(ctx, `SELECT e.campaign, e.contact_id `+from, args...)
	if err != nil {
		return nil, err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[campaign.EnrollmentKey])
	if keys == nil {
		keys = []campaign.EnrollmentKey{} // nil would mean everybody
	}
	return keys, err
}

// Trouble counts what no count by status shows.
type Trouble struct {
	// Ended counts the enrollments whose workflow was ended from outside, Retrying
	// those at a step that has failed and is tried again.
	Ended, Retrying int
}

// CountTrouble counts for all campaigns; it is what the worker's metrics show.
func (s *Store) CountTrouble(ctx context.Context) (count Trouble, err error) {
	err = s.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM `+endedSQL+`), (SELECT count(*) FROM retrying)`).Scan(&count.Ended, &count.Retrying)
	return count, err
}
