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
	// heard and missed count those that were signalled, and that could not be, since the page before which
	// somebody had been signalled.
	heard, missed atomic.Int32
}

// mostMissed is how many failures say that the server is at fault, and no workflow, when nobody could be
// signalled meanwhile.
const mostMissed = 32

// errAway is why a workflow is not even tried.
var errAway = errors.New("nobody can be signalled")

func (w *walk) forget() {
	w.heard.Store(0)
	w.missed.Store(0)
}

func (w *walk) count(err error) {
	if err == nil {
		w.heard.Add(1)
	} else {
		w.missed.Add(1)
	}
}

// away is true while it looks as if nobody could be signalled.
func (w *walk) away() bool { return w.heard.Load() == 0 && w.missed.Load() >= mostMissed }

// fault is the first error of a page when it is of more than a workflow.
func (w *walk) fault(ctx context.Context, errs []error) error {
	stops := func(err error) bool { return errors.Is(err, errStopping) }
	if ctx.Err() == nil && !w.away() && !slices.ContainsFunc(errs, stops) {
		return nil
	}
	at := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, errAway) })
	if at < 0 {
		return ctx.Err()
	}
	return errs[at]
}

// anew has the walk begin at the row's cursor again.
func (w *walk) anew() { w.cursor, w.left, w.failed = 0, nil, nil }

func (w *walk) leave(seq int64, err error) {
	if len(w.left) == 0 {
		w.again = time.Now().Add(retryAfter)
	}
	w.left, w.failed = append(w.left, seq), err
}

// due are those of the left that are to be tried again now, up to a number.
func (w *walk) due(most int) []int64 {
	if len(w.left) == 0 || time.Now().Before(w.again) {
		return nil
	}
	now := slices.Clone(w.left[:min(most, len(w.left))])
	w.left, w.again = w.left[len(now):], time.Now().Add(retryAfter)
	return now
}

// firstLeft is where the row's cursor stops; 0 when nobody is left.
func (w *walk) firstLeft() int64 {
	if len(w.left) == 0 {
		return 0
	}
	return slices.Min(w.left)
}

// keep puts back those that were not tried.
func (w *walk) keep(targets []campaign.Target, seqs []int64, err error) {
	for _, target := range targets {
		w.leave(target.Seq, err)
	}
	for _, seq := range seqs {
		w.leave(seq, err)
	}
}
