package activities

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"relance/internal/campaign"
)

// walk is how far a row of the outbox is in this run, ahead of its own cursor where a workflow
// could not be signalled.
type walk struct {
	// cursor is the Seq of the last target that was tried.
	cursor int64
	// left are those that could not be signalled, by Seq, failed is the last reason, and again is
	// when they are tried again. They are kept for as long as the run lives: a run that began anew
	// would signal all behind the row's cursor once more.
	left   []int64
	failed error
	again  time.Time
	// missed counts the failures without a success in between.
	missed atomic.Int32
}

// mostMissed is how many failures in a row say that the server is at fault, and no workflow.
const mostMissed = 32

// errAway is why a workflow is not even tried.
var errAway = errors.New("nobody can be signalled")

// fault is the first error of a page when it is of more than a workflow. The walk then begins
// anew at the row's cursor.
func (w *walk) fault(ctx context.Context, errs []error) error {
	stops := func(err error) bool { return errors.Is(err, errStopping) }
	if ctx.Err() == nil && w.missed.Load() < mostMissed && !slices.ContainsFunc(errs, stops) {
		return nil
	}
	at := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, errAway) })
	if at < 0 {
		return ctx.Err()
	}
	w.cursor, w.left, w.failed = 0, nil, nil
	w.missed.Store(0)
	return errs[at]
}

func (w *walk) leave(target campaign.Target, err error) {
	if len(w.left) == 0 {
		w.again = time.Now().Add(retryAfter)
	}
	w.left, w.failed = append(w.left, target.Seq), err
}

// firstLeft is where the row's cursor stops; 0 when nobody is left.
func (w *walk) firstLeft() int64 {
	if len(w.left) == 0 {
		return 0
	}
	return slices.Min(w.left)
}
