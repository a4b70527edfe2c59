package store

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Edit is one value that a change has changed. The values of passwords and of
// long texts are left empty: only the field is named.
type Edit struct {
	Field string `json:"field"`
	// Action is empty for a value that was changed.
	Action EditAction `json:"action,omitempty"`
	From   string     `json:"from,omitempty"`
	To     string     `json:"to,omitempty"`
}

// EditAction is what was done to a field that has no single value.
type EditAction string

// The actions of edits.
const (
	Added     EditAction = "added"
	Removed   EditAction = "removed"
	Reordered EditAction = "reordered"
)

// Change says what a change of one thing has done. The zero value: everything
// was as it should be already, and nothing was written.
type Change struct {
	Edits []Edit
	// Resuming counts the contacts that were parked, or paused, on what changed
	// and that go on now; of very many, their enrollments. For the plan it is no
	// more than there are credits.
	Resuming int
	// Ended counts the contacts that were parked, or paused, on what changed and
	// that cannot go on: their workflow was ended from outside.
	Ended int
	// Looking counts the enrollments that look at once what comes next.
	Looking int
	// Request is the number of the request that signals them, the first of several; 0
	// when there is none.
	Request int64
	// rate is how fast those are signalled, causes what has changed for them.
	rate   campaign.Rate
	causes []failure.Cause
}

// Pacing is the same Store, whose fixes signal contacts at this rate; 0 is without a
// limit.
func (s *Store) Pacing(rate campaign.Rate) *Store {
	other := *s
	other.rate = rate
	return &other
}

// compare notes a value when it changes.
func (c *Change) compare(field, from, to string) {
	if from != to {
		c.Edits = append(c.Edits, Edit{Field: field, From: from, To: to})
	}
}

// announce records the fix and counts the contacts that it resumes. Like fix, it must be
// called after the rows of the causes have been updated (law 3).
func (c *Change) announce(ctx context.Context, tx pgx.Tx, by string, causes ...failure.Cause) error {
	if len(causes) == 0 {
		return nil
	}
	c.causes = append(c.causes, causes...)
	request, err := fixAt(ctx, tx, by, c.rate, causes...)
	if err != nil {
		return err
	}
	if c.Request == 0 {
		c.Request = request
	}
	return tx.QueryRow(ctx, resumingSQL, causes, countedOneByOne).Scan(&c.Resuming, &c.Ended)
}

// countedOneByOne is up to how many those who wait are counted as people, each
// once. Of more, an operator wants the size and not to wait for it: then every
// enrollment counts, from the index alone.
const countedOneByOne = 1000

const resumingSQL = `
	WITH few AS MATERIALIZED (SELECT enrollment_id FROM parked_on WHERE cause = ANY ($1) LIMIT $2 + 1),
	gone AS MATERIALIZED (
		SELECT DISTINCT p.enrollment_id, e.contact_id FROM ended_workflows w
		  JOIN parked_on p ON p.enrollment_id = w.enrollment_id AND p.cause = ANY ($1) JOIN enrollments e ON e.id = p.enrollment_id)
	SELECT CASE WHEN (SELECT count(*) FROM few) <= $2
	            THEN (SELECT count(DISTINCT e.contact_id) FROM few JOIN enrollments e ON e.id = few.enrollment_id
	                   WHERE NOT EXISTS (SELECT FROM gone WHERE gone.enrollment_id = few.enrollment_id))
	            ELSE (SELECT count(*) FROM parked_on WHERE cause = ANY ($1)) - (SELECT count(*) FROM gone) END,
	       (SELECT count(DISTINCT contact_id) FROM gone)`

// Freed lists the enrollments that a change concerns, as they stand, in the
// order in which they are signalled. It is for right after the change: what has
// been signalled and has moved since is not in it, and what has parked since is
// not either. Of the plan it lists no more than there are credits.
func (s *Store) Freed(ctx context.Context, change Change) ([]Match, error) {
	rows, err := s.pool.Query(ctx, matchSQL+`
		WHERE e.id IN (SELECT p.enrollment_id FROM parked_on p
		                WHERE `+fixSelectsSQL(`ANY ($1)`, `(SELECT max(o.id) FROM outbox o WHERE o.kind = 'fix' AND o.cause = p.cause)`)+`)
		ORDER BY e.park_seq NULLS LAST, e.id`, change.causes)
	if err != nil {
		return nil, err
	}
	freed, err := pgx.CollectRows(rows, pgx.RowToStructByName[Match])
	if slices.Contains(change.causes, failure.Plan) && len(change.causes) == 1 {
		freed = freed[:min(len(freed), change.Resuming)]
	}
	return freed, err
}
