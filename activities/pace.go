package activities

import (
	"context"
	"errors"
	"math"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/time/rate"

	"relance/internal/campaign"
)

// Pace is how fast the rows of the outbox are worked off.
type Pace struct {
	// Ceiling is how many contacts a second this worker starts or signals at most,
	// over all rows; nil is no limit.
	Ceiling *rate.Limiter
	// Turn is how long a row with a rate waits for its next share; 0 is a second.
	Turn time.Duration
}

// NewCeiling is a ceiling of so many contacts a second; nil for no limit.
func NewCeiling(limit campaign.Rate) *rate.Limiter {
	if limit == 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(limit), atLeastOne(limit, time.Second))
}

// pass waits until the ceiling lets one more contact pass.
func (p Pace) pass(ctx context.Context) error {
	if p.Ceiling == nil {
		return nil
	}
	reserved := p.Ceiling.Reserve()
	wait(ctx, reserved.Delay())
	if ctx.Err() != nil {
		reserved.Cancel()
		return ctx.Err()
	}
	if stopping(ctx) {
		reserved.Cancel()
		return errStopping
	}
	return nil
}

// retryAfter is the pause before an entry that failed, or made no progress and stays
// open, is looked at again.
const retryAfter = 10 * time.Second

// errStopping leaves the rest to the next attempt, on another worker.
var errStopping = errors.New("this worker stops; the next attempt goes on from here")

// inTurns works off rows in turns until none has more to do: each row a page, or
// its rate's share, at a time, so that a long row or a slow one keeps no other
// waiting, not even one that comes meanwhile (law 3). Nor does one that fails:
// its error is returned when the others are done.
//
// open lists the rows; some does up to room contacts of a row and says how
// many, and whether it has more.
func (p Pace) inTurns(ctx context.Context, page int, open func(context.Context) ([]campaign.OutboxEntry, error),
	some func(ctx context.Context, row campaign.OutboxEntry, room int) (done int, more bool, err error),
) (total int, err error) {
	if p.Turn == 0 {
		p.Turn = time.Second
	}
	known := map[int64]*share{}
	for {
		rows, err := open(ctx)
		if err != nil {
			return total, err
		}
		var errs []error
		left, moved, before := false, false, known
		known = map[int64]*share{} // an entry that is not open any more is forgotten
		for _, row := range rows {
			its := before[row.ID]
			if its == nil {
				its = &share{}
			}
			known[row.ID] = its
			if room := its.room(p, row, page); room > 0 {
				done, more, err := some(ctx, row, room)
				its.took(row, done, more, err)
				total += done
				moved = moved || done > 0
			}
			left = left || its.more
			errs = append(errs, its.failed)
		}
		switch {
		case !left:
			return total, errors.Join(errs...)
		case ctx.Err() != nil:
			return total, errors.Join(append(errs, ctx.Err())...)
		case !moved:
			p.pause(ctx, known)
		}
		if stopping(ctx) {
			return total, errStopping
		}
	}
}

// pause waits until the first row that has more is due, but no longer than a
// turn: another may have come.
func (p Pace) pause(ctx context.Context, known map[int64]*share) {
	long := p.Turn
	for _, its := range known {
		if its.more {
			long = min(long, time.Until(its.due))
		}
	}
	wait(ctx, long)
}

// wait ends early when the activity or its worker is to stop.
func wait(ctx context.Context, long time.Duration) {
	if long <= 0 {
		return
	}
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-activity.GetWorkerStopChannel(ctx):
	}
}

func stopping(ctx context.Context) bool {
	select {
	case <-activity.GetWorkerStopChannel(ctx):
		return true
	default:
		return false
	}
}

// turnsMadeUp is how many turns' worth a row with a rate may do at once: its own, and one
// that was late.
const turnsMadeUp = 2

// share is what one row may do, and how it went.
type share struct {
	limiter *rate.Limiter
	due     time.Time
	more    bool
	failed  error
}

// room is how many contacts the row may do now; 0 when it is not its turn.
func (s *share) room(p Pace, row campaign.OutboxEntry, page int) int {
	now := time.Now()
	if now.Before(s.due) {
		return 0
	}
	s.due = now.Add(p.Turn)
	if p.Ceiling != nil {
		page = min(page, p.Ceiling.Burst())
	}
	if row.Rate == 0 {
		s.limiter = nil
		return page
	}
	if s.limiter == nil || s.limiter.Limit() != rate.Limit(row.Rate) {
		one := atLeastOne(row.Rate, p.Turn)
		s.limiter = rate.NewLimiter(rate.Limit(row.Rate), turnsMadeUp*one)
		s.limiter.AllowN(now, one)
	}
	return min(page, int(s.limiter.TokensAt(now)))
}

func (s *share) took(row campaign.OutboxEntry, done int, more bool, err error) {
	now := time.Now()
	s.more, s.failed = more, err
	if s.limiter != nil {
		s.limiter.AllowN(now, done)
	}
	switch {
	case err != nil || !more:
		s.due = now.Add(retryAfter)
	case row.Rate == 0:
		s.due = now
	}
}

// atLeastOne is how many contacts a rate makes in this time.
func atLeastOne(limit campaign.Rate, in time.Duration) int {
	return max(1, int(math.Ceil(float64(limit)*in.Seconds())))
}
