package mailbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"relance/internal/mail/imap"
)

const (
	// tellEvery is how often a reader tells what it is doing.
	tellEvery = 10 * time.Second
	// betweenLooks keeps a storm of pokes from being a storm of looks.
	betweenLooks = 250 * time.Millisecond
	// A connection on which nothing is said is forgotten by some servers and routers after
	// ten minutes: waiting for mail begins again after five to nine.
	idleLeast, idleMost = 5 * time.Minute, 9 * time.Minute
	// firstBackoff doubles with each look that fails, up to mostBackoff.
	firstBackoff, mostBackoff = 5 * time.Second, 5 * time.Minute
)

// Watch looks again and again, until the context ends or a person is needed: it returns
// the error of the context, or an *imap.Error that is not to be retried (a refused login).
// Between looks it waits connected, if the server says by itself that something arrives
// and the Limits have a place, and else without a connection. Polling is what counts: that
// the server says something only makes the next look come sooner.
//
// A look that failed is tried again after a while, and said by Tell until one succeeds.
func (r *Reader) Watch(ctx context.Context) error {
	w := &watch{Reader: r, status: Status{Phase: Looking}, news: make(chan struct{}, 1)}
	telling, stop := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { w.tell(telling) })
	defer done.Wait()
	defer stop()
	defer func() { w.hangUp() }()
	for {
		err := w.lookOnce(ctx)
		if err == nil {
			err = w.wait(ctx)
		} else if ctx.Err() == nil && !final(err, w.status.Failures) {
			err = w.rest(ctx, Failing, backoff(w.status.Failures), nil)
		}
		if err != nil {
			return err
		}
	}
}

// final is true for what only a person can mend. That a folder is gone is believed when
// it is so in several looks: some servers leave one out now and then.
func final(err error, failures int) bool {
	var fault *imap.Error
	if !errors.As(err, &fault) || fault.Retry() {
		return false
	}
	return fault.Fault != imap.FolderGone || failures >= looksBeforeGivingUp
}

// watch is the state of one Watch.
type watch struct {
	*Reader
	client *imap.Client
	// idling is true while a place to wait connected is held.
	idling bool
	// broken counts the waits in a row that the server has ended.
	broken int
	looked time.Time

	mutex  sync.Mutex
	status Status
	// news has a token when the status has changed since it was passed on.
	news chan struct{}
}

// lookOnce looks, and keeps in the status how it went.
func (w *watch) lookOnce(ctx context.Context) error {
	if err := w.pause(ctx, betweenLooks-w.now().Sub(w.looked)); err != nil {
		return err
	}
	if err := w.Limits.looks.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.Limits.looks.Release(1)
	w.looked = w.now()
	began := w.looked
	w.set(func(s *Status) { s.Phase = Looking })
	client, err := w.look(ctx, w.client)
	if err != nil && w.client != nil && broken(err) {
		client, err = w.look(ctx, nil) // the connection had been waiting, and may be of no use any more
	}
	w.client = client
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		w.set(func(s *Status) { *s = Status{Phase: Looking, Looked: began} })
		if !w.mayIdle() {
			w.hangUp() // before another may look in its place
		}
	default:
		w.set(func(s *Status) {
			if s.Failures++; s.Failures == 1 {
				s.FailingSince = began
			}
			s.Phase, s.Err = Failing, err
		})
	}
	return err
}

// wait waits for the next look.
func (w *watch) wait(ctx context.Context) error {
	interval := w.Interval
	if interval <= 0 {
		interval = time.Minute
	}
	interval = jittered(interval, 0.2)
	if w.client == nil {
		return w.rest(ctx, Resting, interval, w.Poke)
	}
	w.set(func(s *Status) { s.Phase = Idling })
	_, err := w.client.Idle(ctx, w.Poke, min(interval, idleLeast+rand.N(idleMost-idleLeast)))
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil:
		w.broken = 0
		return nil
	}
	// What has ended the wait may have been mail that has arrived: look, but not in a hurry
	// each time.
	w.hangUp()
	w.broken++
	return w.rest(ctx, Resting, min(interval, backoff(w.broken)/5), w.Poke)
}

// mayIdle is true when the connection may be kept until the next look.
func (w *watch) mayIdle() bool {
	if w.broken > looksBeforeGivingUp || !w.client.CanIdle() {
		return false
	}
	w.idling = w.idling || w.Limits.idles.TryAcquire(1)
	return w.idling
}

// hangUp ends the connection and gives its place back.
func (w *watch) hangUp() {
	if w.client != nil {
		w.client.Close()
		w.client = nil
	}
	if w.idling {
		w.idling = false
		w.Limits.idles.Release(1)
	}
}

// rest waits without a connection, for a time or a poke.
func (w *watch) rest(ctx context.Context, phase Phase, most time.Duration, poke <-chan struct{}) error {
	w.hangUp()
	w.set(func(s *Status) { s.Phase = phase })
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-poke:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

func (w *watch) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(min(d, betweenLooks))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (w *watch) set(change func(*Status)) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	change(&w.status)
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// tell tells how things are, at each change and every few seconds, from one goroutine.
func (w *watch) tell(ctx context.Context) {
	if w.Tell == nil {
		return
	}
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.news:
		case <-ticker.C:
		}
		w.mutex.Lock()
		status := w.status
		w.mutex.Unlock()
		w.Tell(status)
	}
}

// backoff is how long to wait after so many failures in a row.
func backoff(failures int) time.Duration {
	d := firstBackoff
	for range min(failures-1, 10) {
		d = min(2*d, mostBackoff)
	}
	return jittered(d, 0.3)
}

// jittered is d, more or less by a part of it.
func jittered(d time.Duration, part float64) time.Duration {
	return time.Duration(float64(d) * (1 - part + 2*part*rand.Float64()))
}
