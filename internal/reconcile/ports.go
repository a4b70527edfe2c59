package reconcile

import (
	"context"
	"time"

	"relance/internal/campaign"
)

// Ledger is what a reconciliation needs of PostgreSQL.
type Ledger interface {
	CountRecords(ctx context.Context, campaignKey string) (int, error)
	// Records lists the enrollments that have not ended.
	Records(ctx context.Context, campaignKey string, after int64, limit int) ([]campaign.Record, error)
	RecordsOf(ctx context.Context, keys []campaign.EnrollmentKey) ([]campaign.Record, error)
	// Repair lets decide compare once more while it holds the enrollment's row.
	Repair(ctx context.Context, key campaign.EnrollmentKey, lost *campaign.Lost, decide func(campaign.Record) (campaign.Repair, error)) error
	// Reopened records that the workflows of these enrollments run again.
	Reopened(ctx context.Context, enrollmentIDs ...int64) error
	Adoptable(ctx context.Context, lost campaign.Lost) (why string, err error)
	Numbers(ctx context.Context) (campaign.Numbers, error)
	RaiseNumbers(ctx context.Context, to campaign.Numbers) error
	LastSend(ctx context.Context) (time.Time, error)
}

// Temporal is what a reconciliation needs of Temporal.
type Temporal interface {
	// Answer has this process answer queries until stop is called; it runs no activity.
	Answer() (stop func(), err error)
	// Run is nil when Temporal has no workflow of this enrollment; its error is a
	// campaign.ErrNoAnswer when the workflow exists and does not answer its query.
	Run(ctx context.Context, key campaign.EnrollmentKey) (*campaign.Run, error)
	Receipts(ctx context.Context, run campaign.Run) (campaign.Receipts, error)
	// OpenRuns and RunsSince ask the visibility index, which lags.
	OpenRuns(ctx context.Context, page func([]campaign.EnrollmentKey) error) error
	RunsSince(ctx context.Context, since time.Time, page func([]campaign.EnrollmentKey) error) error
	// Prepared says what Temporal lacks before a workflow can be started; empty when nothing.
	Prepared(ctx context.Context) (string, error)
	// Workers says when each worker that may still run has last asked for an activity, by
	// Temporal's clock.
	Workers(ctx context.Context) (map[string]time.Time, error)
	Restart(ctx context.Context, again campaign.Restart) error
	Disenroll(ctx context.Context, target campaign.Target, reason, by string) error
	Unpause(ctx context.Context, target campaign.Target) error
}
