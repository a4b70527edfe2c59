package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Register is what starting enrollments needs of the database.
type Register interface {
	Unstarted(ctx context.Context, campaignKey string, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error)
	Started(ctx context.Context, enrollmentIDs []int64) error
	EnrollDone(ctx context.Context, campaignKey string) error
}

// Starter starts the workflow of one enrollment; one that runs already is no error.
type Starter interface {
	StartEnrollment(ctx context.Context, of campaign.Campaign, enrollee campaign.Enrollee) error
}

// Starts starts the workflows of enrollments.
type Starts struct {
	Register Register
	Starter  Starter
	// Concurrency is how many are started at once, PageSize how many are read at once.
	Concurrency, PageSize int
}

// StartEnrollments starts the workflow of every enrollment of a campaign that
// has none yet, and answers how many. It can be stopped and run again at any
// moment: PostgreSQL remembers who was started, and Temporal refuses a second
// workflow of the same id. One that cannot be started does not keep the others
// waiting (law 2); a page of which none can says that the server is at fault.
func (a *Starts) StartEnrollments(ctx context.Context, campaignKey string) (int, error) {
	stop := keepAlive(ctx)
	defer stop()
	count, after := 0, int64(0)
	var failed error // the first
	for {
		of, page, err := a.Register.Unstarted(ctx, campaignKey, after, a.PageSize)
		if err != nil {
			return count, err
		}
		if len(page) == 0 {
			return count, errors.Join(failed, a.Register.EnrollDone(ctx, campaignKey))
		}
		started, startErr := a.startPage(ctx, of, page)
		if err := a.Register.Started(ctx, started); err != nil {
			return count, err
		}
		count += len(started)
		if startErr != nil && failed == nil {
			failed = fmt.Errorf("starting the enrollments of %s: %w", campaignKey, startErr)
		}
		if len(started) == 0 || ctx.Err() != nil {
			return count, failed
		}
		after = page[len(page)-1].EnrollmentID
	}
}

// startPage returns the ids that were started even when others failed.
func (a *Starts) startPage(ctx context.Context, of campaign.Campaign, page []campaign.Enrollee) ([]int64, error) {
	var mutex sync.Mutex
	var started []int64
	var group errgroup.Group // the failure of one does not cancel the rest
	group.SetLimit(a.Concurrency)
	for _, enrollee := range page {
		group.Go(func() error {
			if err := a.Starter.StartEnrollment(ctx, of, enrollee); err != nil {
				return err
			}
			mutex.Lock()
			defer mutex.Unlock()
			started = append(started, enrollee.EnrollmentID)
			return nil
		})
	}
	err := group.Wait()
	return started, err
}
