package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Register is what starting enrollments needs of the database.
type Register interface {
	// OpenEnrolls lists the open outbox entries that start enrollments of a campaign.
	OpenEnrolls(ctx context.Context, campaignKey string) ([]campaign.OutboxEntry, error)
	Unstarted(ctx context.Context, request campaign.OutboxEntry, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error)
	// MarkStarted notes that workflows run, and whether all of them follow their campaign. It takes
	// them as Unstarted has listed them: one that is to begin once more since is not marked.
	MarkStarted(ctx context.Context, enrollees []campaign.Enrollee, follow bool) error
	CloseIfStarted(ctx context.Context, request campaign.OutboxEntry) error
}

// Starter starts the workflow of one enrollment, and says whether it follows its campaign; one
// that runs already is no error.
type Starter interface {
	StartEnrollment(ctx context.Context, of campaign.Campaign, enrollee campaign.Enrollee) (follows bool, err error)
	// Backlog is the age of the oldest workflow task that no worker has taken yet.
	Backlog(ctx context.Context) (time.Duration, error)
}

// Starts starts the workflows of enrollments.
type Starts struct {
	Register Register
	Starter  Starter
	// Concurrency is how many are started at once, Yielding how many while other
	// campaigns have live steps, PageSize how many are read at once.
	Concurrency, Yielding, PageSize int
	// Steps are what a large campaign's starts make room for.
	Steps *RecentSteps
	Pace
}

// StartEnrollments starts the workflow of every enrollment of a campaign that
// has none yet, and answers how many. It can be stopped and run again at any
// moment: PostgreSQL remembers which were started, and Temporal refuses a second
// workflow of the same id. Each request goes at its own rate. One that cannot be
// started does not keep the others waiting (law 2); a page of which none can says
// that the server is at fault.
func (a *Starts) StartEnrollments(ctx context.Context, campaignKey string) (int, error) {
	stop := keepAlive(ctx)
	defer stop()
	reached := map[int64]*progress{}
	return a.inTurns(ctx, a.PageSize,
		func(ctx context.Context) (open []campaign.OutboxEntry, err error) {
			err = inTime(ctx, func(ctx context.Context) (err error) {
				open, err = a.Register.OpenEnrolls(ctx, campaignKey)
				return err
			})
			return open, err
		},
		func(ctx context.Context, request campaign.OutboxEntry, room int) (int, bool, error) {
			at := reached[request.ID]
			if at == nil {
				at = &progress{limiter: newCallLimiter(a.Concurrency, a.Yielding, a.Steps, campaignKey)}
				reached[request.ID] = at
			}
			// Before the page is read: a contact that is disenrolled meanwhile is not started.
			if at.after > 0 && request.Rate == 0 { // a rate is a pace already
				a.letWorkersCatchUp(ctx)
			}
			started, more, err := a.start(ctx, request, at, room)
			if err != nil {
				err = fmt.Errorf("starting the enrollments of %s: %w", campaignKey, err)
				activity.GetLogger(ctx).Warn("not all enrollments can be started, and they are tried again", "error", err)
			}
			return started, more, err
		})
}

// MaxInlineStarts bounds the starts done in a local activity: well under a second of
// the ten that a workflow task may take.
const MaxInlineStarts = 20

// Few is what a workflow task has started by itself. An activity would be three
// state transitions more, and most enrollments are of a handful of contacts.
type Few struct {
	Started int `json:"started"`
	// More is left to StartEnrollments, which has the time, the turns and the rates.
	More bool `json:"more"`
}

// StartFew starts the first few that have no workflow yet. What fails is more to
// do: StartEnrollments tries it again, and says what is wrong.
func (a *Starts) StartFew(ctx context.Context, campaignKey string) (Few, error) {
	if a.Ceiling != nil { // it may let the next pass in a minute
		return Few{More: true}, nil
	}
	a.Steps.addCampaign(campaignKey)
	requests, err := a.Register.OpenEnrolls(ctx, campaignKey)
	var few Few
	for _, request := range requests {
		room := MaxInlineStarts - few.Started
		if request.Rate != 0 || room == 0 {
			few.More = true
			continue
		}
		started, more, err := a.start(ctx, request, &progress{limiter: newCallLimiter(a.Concurrency, a.Yielding, nil, campaignKey)}, room)
		few.Started += started
		few.More = few.More || more || err != nil
	}
	return few, err
}

// progress is how far a request is in this run: the last enrollment that was
// tried, and the first failure; and the limiter of its calls.
type progress struct {
	limiter callLimiter
	after   int64
	failed  error
}

// restart begins from the front with the next look, after all have been tried.
func (p *progress) restart() { p.after, p.failed = 0, nil }

// start starts up to room enrollments of a request, and says whether there are
// more. What failed on the way is said at the end, and the next look begins
// from the front.
func (a *Starts) start(ctx context.Context, request campaign.OutboxEntry, at *progress, room int) (started int, more bool, err error) {
	for {
		var of campaign.Campaign
		var page []campaign.Enrollee
		err := inTime(ctx, func(ctx context.Context) (err error) {
			of, page, err = a.Register.Unstarted(ctx, request, at.after, max(1, min(a.PageSize, room-started)))
			return err
		})
		if err != nil {
			return started, false, err
		}
		if len(page) == 0 {
			failed := at.failed
			at.restart()
			return started, false, errors.Join(failed, inTime(ctx, func(ctx context.Context) error { return a.Register.CloseIfStarted(ctx, request) }))
		}
		if started >= room {
			return started, true, nil
		}
		begun, follow, startErr := a.startPage(ctx, at.limiter, of, page)
		if err := inTime(ctx, func(ctx context.Context) error { return a.Register.MarkStarted(ctx, begun, follow) }); err != nil {
			return started, false, err
		}
		started += len(begun)
		if startErr != nil && at.failed == nil {
			at.failed = startErr
		}
		if len(begun) == 0 || ctx.Err() != nil {
			failed := at.failed
			at.restart()
			return started, false, failed
		}
		at.after = page[len(page)-1].EnrollmentID
	}
}

// toleratedBacklog is above the five seconds that the server's answer may be old: the
// workers do not run dry while no enrollment is started.
const toleratedBacklog = 10 * time.Second

// letWorkersCatchUp holds the next page while workflow tasks wait for long. A
// start is quick, it needs no worker to have room; unheld, the starts of a large
// campaign leave a queue of many minutes, and all that its contacts do next waits
// behind it: a fix, the next step. This backpressure has an end: whatever the queue
// is made of, every enrollment is started (law 2).
func (a *Starts) letWorkersCatchUp(ctx context.Context) {
	for range int(toleratedBacklog / time.Second) {
		if age, err := a.Starter.Backlog(ctx); err != nil || age < toleratedBacklog {
			return
		}
		wait(ctx, time.Second)
		if ctx.Err() != nil || stopping(ctx) {
			return
		}
	}
}

// startPage returns those that were started even when others failed, and whether all of
// these follow their campaign.
func (a *Starts) startPage(ctx context.Context, limiter callLimiter, of campaign.Campaign, page []campaign.Enrollee) ([]campaign.Enrollee, bool, error) {
	var mutex sync.Mutex
	var started []campaign.Enrollee
	follow := true
	var group errgroup.Group // the failure of one does not cancel the rest
	group.SetLimit(a.Concurrency)
	for _, enrollee := range page {
		group.Go(func() error {
			if err := a.pass(ctx); err != nil {
				return err
			}
			release, err := limiter.acquire(ctx)
			if err != nil {
				return err
			}
			defer release()
			follows, err := a.Starter.StartEnrollment(ctx, of, enrollee)
			if err != nil {
				return err
			}
			mutex.Lock()
			defer mutex.Unlock()
			follow = follow && follows
			started = append(started, enrollee)
			return nil
		})
	}
	err := group.Wait()
	return started, follow, err
}
