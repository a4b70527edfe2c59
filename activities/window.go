package activities

import (
	"context"
	"sync"
	"time"
)

// window is how many calls to a server may be under way at once. It grows while
// the server answers about as fast as it ever did, and shrinks when it takes twice
// as long, as TCP Vegas does: then more calls at once only stand in line, and
// everybody else's stand behind them.
type window struct {
	mu    sync.Mutex
	freed sync.Cond
	most  float64
	size  float64
	under int
	// recent is the moving mean of the answers' times, best the lowest that it has been.
	recent, best time.Duration
}

func newWindow(most int) *window {
	w := &window{most: float64(max(1, most)), size: 1}
	w.freed.L = &w.mu
	return w
}

// enter waits for room. The returned function says that the call has come back.
func (w *window) enter() (leave func(context.Context)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.under >= int(w.size) {
		w.freed.Wait()
	}
	w.under++
	began := time.Now()
	return func(ctx context.Context) { w.leave(time.Since(began), ctx.Err() != nil) }
}

func (w *window) leave(took time.Duration, cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.under--
	if !cut { // else it says nothing about the server
		w.learn(took)
	}
	w.freed.Broadcast()
}

func (w *window) learn(took time.Duration) {
	if w.recent == 0 {
		w.recent, w.best = took, took
	}
	w.recent += (took - w.recent) / 8
	w.best = min(w.best+w.best/1000, w.recent) // what it once was is forgotten slowly
	if w.recent > 2*w.best {
		w.size = max(1, w.size*.95)
		return
	}
	w.size = min(w.most, w.size+1/w.size)
}
