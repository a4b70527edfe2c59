package console

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// picture is what is true at one moment, by the names that pages give to the places
// where they show it: a number or a text.
type picture map[string]any

// live looks at what is true once in a while, as long as somebody watches, and for all
// who watch at once. It keeps the latest picture and no queue: who is slow misses the
// pictures in between.
type live struct {
	read  func(ctx context.Context, requests []int64) (picture, error)
	every time.Duration
	log   *slog.Logger
	// closed is closed when the console stops.
	closed chan struct{}

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	// came counts who has begun to watch, knows how many of them the latest picture is for.
	came, knows int
	latest      picture
	// next is closed when there is a later picture.
	next chan struct{}
	stop context.CancelFunc
}

// watcher is a page that is looked at.
type watcher struct {
	of *live
	// came is its number: it is shown no picture that was taken before it came.
	came int
	// requests are those that it watches whatever becomes of them.
	requests []int64
}

func newLive(read func(context.Context, []int64) (picture, error), log *slog.Logger) *live {
	return &live{read: read, every: time.Second, log: log, closed: make(chan struct{}), watchers: map[*watcher]struct{}{}, next: make(chan struct{})}
}

// mostWatchers is how many pages may be watched; more have to load them again.
const mostWatchers = 1000

// watch begins to watch; false when too many do.
func (l *live) watch(requests []int64) (*watcher, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.watchers) >= mostWatchers {
		return nil, false
	}
	l.came++
	w := &watcher{of: l, came: l.came, requests: requests}
	l.watchers[w] = struct{}{}
	if l.stop == nil {
		var ctx context.Context
		ctx, l.stop = context.WithCancel(context.Background())
		go l.poll(ctx)
	}
	return w, true
}

// leave ends it; with the last one ends the poller.
func (w *watcher) leave() {
	l := w.of
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watchers, w)
	if len(l.watchers) == 0 && l.stop != nil {
		l.stop()
		l.stop = nil
	}
}

// now is the latest picture, nil when there is none since it came, and what is closed
// when there is a later one.
func (w *watcher) now() (picture, <-chan struct{}) {
	l := w.of
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.knows < w.came {
		return nil, l.next
	}
	return l.latest, l.next
}

// close ends all streams: a server that stops waits for them.
func (l *live) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
}

func (l *live) poll(ctx context.Context) {
	ticker := time.NewTicker(l.every)
	defer ticker.Stop()
	failed := false
	for {
		came, requests := l.watched()
		now, err := l.look(ctx, requests)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed: // once, not once a second
			l.log.Error("the numbers that pages show live cannot be read, and are tried again", "error", err)
		case err == nil:
			l.publish(ctx, now, came)
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lookTime is how long one look may take.
const lookTime = 20 * time.Second

func (l *live) look(ctx context.Context, requests []int64) (picture, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return l.read(ctx, requests)
}

// watched is how many have come so far, and the requests that they watch.
func (l *live) watched() (came int, requests []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	requests = []int64{}
	for w := range l.watchers {
		requests = append(requests, w.requests...)
	}
	return l.came, requests
}

func (l *live) publish(ctx context.Context, now picture, came int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil { // another poller has begun since
		return
	}
	l.latest, l.knows = now, came
	close(l.next)
	l.next = make(chan struct{})
}
