package store

import (
	"context"

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
	// rate is how fast those are signalled.
	rate campaign.Rate
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
	if err := fixAt(ctx, tx, by, c.rate, causes...); err != nil {
		return err
	}
	return tx.QueryRow(ctx, resumingSQL, causes, countedOneByOne).Scan(&c.Resuming)
}

// countedOneByOne is up to how many those who wait are counted as people, each
// once. Of more, an operator wants the size and not to wait for it: then every
// enrollment counts, from the index alone.
const countedOneByOne = 1000

const resumingSQL = `
	WITH few AS MATERIALIZED (SELECT enrollment_id FROM parked_on WHERE cause = ANY ($1) LIMIT $2 + 1)
	SELECT CASE WHEN (SELECT count(*) FROM few) <= $2
	            THEN (SELECT count(DISTINCT e.contact_id) FROM few JOIN enrollments e ON e.id = few.enrollment_id)
	            ELSE (SELECT count(*) FROM parked_on WHERE cause = ANY ($1)) END`
