package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Roll is the part of the database that a watch needs: the enrollments, and what
// earlier watches have found.
type Roll interface {
	NextWatched(ctx context.Context, limit int) ([]campaign.Watched, error)
	Turned(ctx context.Context, enrollmentID int64) error
	Overdue(ctx context.Context, limit int) ([]campaign.Watched, error)
	WatchedOf(ctx context.Context, keys []campaign.EnrollmentKey) ([]campaign.Watched, error)
	ListedTo(ctx context.Context) (time.Time, error)
	Listed(ctx context.Context, to time.Time) error
	Unchecked(ctx context.Context, limit int) ([]campaign.Watched, error)
	NoteEnded(ctx context.Context, ended campaign.EndedWorkflow) (news bool, err error)
	Reopened(ctx context.Context, enrollmentIDs ...int64) error
	ForgetStale(ctx context.Context) error
}

// Describer reads the state of enrollments' workflows from Temporal.
type Describer interface {
	// Describe asks for the latest run. It is exact.
	Describe(ctx context.Context, key campaign.EnrollmentKey) (campaign.Found, error)
	// ClosedSince asks the visibility index for enrollments whose workflow was cut
	// off since then, until page answers false. The index lags and misses: it hints.
	ClosedSince(ctx context.Context, since time.Time, page func([]campaign.EnrollmentKey) (more bool, err error)) error
}

// Watch finds enrollments whose workflow was ended from outside (law 2).
type Watch struct {
	Roll      Roll
	Describer Describer
	// Concurrency is how many workflows are described at once, PageSize how many
	// enrollments of each kind a watch describes at most: that bounds what it costs
	// a minute, however many are enrolled.
	Concurrency, PageSize int
	// Again is the time between the two looks that an ending takes.
	Again time.Duration
}

// WatchResult counts what a watch has found.
type WatchResult struct {
	// Ended counts enrollments that are new among those without a workflow, Reopened
	// those whose workflow runs again.
	Ended    int `json:"ended"`
	Reopened int `json:"reopened"`
}

// indexLag is how long a closed workflow may take to appear in the index.
const indexLag = 10 * time.Minute

// FindEnded does one bounded watch. It looks at the workflows that the index
// calls cut off, at enrollments that are overdue, at the next page of the round
// over all that are under way, and again at those that it has found before.
//
// What it finds closed is asked once more before it is recorded: a workflow
// that is being restarted is closed for a moment.
func (a *Watch) FindEnded(ctx context.Context) (WatchResult, error) {
	stop := keepAlive(ctx)
	defer stop()
	var result WatchResult
	if err := a.Roll.ForgetStale(ctx); err != nil {
		return result, err
	}
	suspects, last, to, err := a.suspects(ctx)
	if err != nil {
		return result, err
	}
	_, ended, silent := a.describe(ctx, suspects)
	if result.Ended, err = a.confirm(ctx, ended); err != nil {
		return result, err
	}
	if err := a.Roll.Turned(ctx, last); err != nil { // one that does not answer keeps no other waiting
		return result, err
	}
	if silent == nil {
		silent = a.Roll.Listed(ctx, to)
	}
	result.Reopened, err = a.recheck(ctx)
	return result, errors.Join(silent, err)
}

// suspects are the enrollments that this watch looks at. The round is then at
// last, and the index has been asked until to.
func (a *Watch) suspects(ctx context.Context) (found []campaign.Watched, last int64, to time.Time, err error) {
	to, hinted, err := a.hinted(ctx)
	if err != nil {
		return nil, 0, to, err
	}
	overdue, err := a.Roll.Overdue(ctx, a.PageSize)
	if err != nil {
		return nil, 0, to, err
	}
	round, err := a.Roll.NextWatched(ctx, a.PageSize)
	if err != nil {
		return nil, 0, to, err
	}
	if len(round) == a.PageSize {
		last = round[len(round)-1].EnrollmentID
	}
	seen := map[int64]bool{}
	for _, one := range slices.Concat(hinted, overdue, round) {
		if !seen[one.EnrollmentID] {
			seen[one.EnrollmentID] = true
			found = append(found, one)
		}
	}
	return found, last, to, nil
}

// hinted are the enrollments under way whose workflow the index calls cut off.
// When there are more than a page, the rest is for the next watch: to stays. So
// it does when the index does not answer; the others are looked at all the same.
func (a *Watch) hinted(ctx context.Context) (to time.Time, found []campaign.Watched, err error) {
	since, err := a.Roll.ListedTo(ctx)
	if err != nil {
		return since, nil, err
	}
	to = time.Now()
	err = a.Describer.ClosedSince(ctx, since.Add(-indexLag), func(keys []campaign.EnrollmentKey) (bool, error) {
		some, err := a.Roll.WatchedOf(ctx, keys)
		found = append(found, some...)
		return len(found) < a.PageSize, err
	})
	if err != nil {
		activity.GetLogger(ctx).Warn("the index does not say which workflows were closed, and is asked again", "error", err)
		to = since
	}
	if len(found) >= a.PageSize {
		found, to = found[:a.PageSize], since
	}
	return to, found, ctx.Err()
}

// confirm looks again, and records what is closed as it was.
func (a *Watch) confirm(ctx context.Context, before []campaign.EndedWorkflow) (news int, err error) {
	if len(before) == 0 {
		return 0, nil
	}
	wait(ctx, a.Again)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	suspects, was := make([]campaign.Watched, len(before)), map[int64]campaign.Found{}
	for i, one := range before {
		suspects[i], was[one.EnrollmentID] = one.Watched, one.Found
	}
	_, still, silent := a.describe(ctx, suspects)
	for _, one := range still {
		if one.RunID != was[one.EnrollmentID].RunID { // deleted meanwhile, or started and ended again: the next watch looks
			continue
		}
		isNew, err := a.Roll.NoteEnded(ctx, one)
		if err != nil {
			return news, err
		}
		if isNew {
			news++
			activity.GetLogger(ctx).Error("the workflow of an enrollment was ended from outside; starter errors says what to do",
				"campaign", one.CampaignKey, "contactId", one.ContactID, "how", one.Ending)
		}
	}
	return news, silent
}

// recheck looks again at those that were found before.
func (a *Watch) recheck(ctx context.Context) (reopened int, err error) {
	known, err := a.Roll.Unchecked(ctx, a.PageSize)
	if err != nil || len(known) == 0 {
		return 0, err
	}
	open, ended, silent := a.describe(ctx, known)
	for _, one := range ended {
		if _, err := a.Roll.NoteEnded(ctx, one); err != nil {
			return 0, err
		}
	}
	return len(open), errors.Join(silent, a.Roll.Reopened(ctx, open...))
}

// describe asks Temporal about each of them. Those that it does not answer for
// are left out; silent is the first of its errors.
func (a *Watch) describe(ctx context.Context, some []campaign.Watched) (open []int64, ended []campaign.EndedWorkflow, silent error) {
	answers, errs := make([]campaign.Found, len(some)), make([]error, len(some))
	var group errgroup.Group
	group.SetLimit(a.Concurrency)
	for i, one := range some {
		group.Go(func() error {
			if errs[i] = ctx.Err(); errs[i] == nil {
				answers[i], errs[i] = a.Describer.Describe(ctx, one.EnrollmentKey)
			}
			return nil
		})
	}
	_ = group.Wait() // each error is in errs
	for i, found := range answers {
		switch {
		case errs[i] != nil:
			silent = cmp.Or(silent, errs[i])
		case found.Ending == "":
			open = append(open, some[i].EnrollmentID)
		default:
			ended = append(ended, campaign.EndedWorkflow{Watched: some[i], Found: found})
		}
	}
	return open, ended, silent
}
