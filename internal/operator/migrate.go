package operator

import (
	"context"
	"fmt"

	"relance/internal/store"
)

// Migration is one change of the database's schema.
type Migration = store.Migration

// Migrated is what Migrate has done.
type Migrated struct {
	Migrations []Migration `json:"migrations"`
	// Temporal are the things that were registered, a line each.
	Temporal []string `json:"temporal"`
	// Recounted is how many counts of Statuses were corrected.
	Recounted int `json:"-"`
}

// Migrate applies the migrations that the database lacks, counts again what
// Statuses shows, and registers in Temporal what Relance needs there, unless
// databaseOnly. It can be run again at any time. With an error the result says
// what has been done before it.
func (o *Operator) Migrate(ctx context.Context, databaseOnly bool) (Migrated, error) {
	out := Migrated{Migrations: []Migration{}, Temporal: []string{}}
	db, err := o.anySchema(ctx)
	if err != nil {
		return out, err
	}
	defer db.Close()
	applied, err := db.Migrate(ctx)
	if err != nil {
		return out, err
	}
	out.Migrations = list(applied)
	if out.Recounted, err = db.RecountTally(ctx); err != nil {
		return out, fmt.Errorf("counting the enrollments again: %w", err)
	}
	if databaseOnly {
		return out, nil
	}
	temporal, err := o.workflows(ctx)
	if err != nil {
		return out, err
	}
	did, err := temporal.Prepare(ctx)
	out.Temporal = list(did)
	return out, err
}
