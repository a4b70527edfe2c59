package smtp

import (
	"context"
	"sync"
	"time"
)

// queue tracks the leases of an account's pool, those who wait for one, and the next free turn.
type queue struct {
	mu sync.Mutex
	// leased is since when each lease is held, typical how long one was held of late.
	leased  map[*Lease]time.Time
	typical time.Duration
	waiting int
	// booked is the latest turn that was given away.
	booked time.Time
}

// furthest is how far ahead a turn is given: a server may have become faster by then.
const furthest = time.Hour

// acquire waits for a slot; see Reserve.
func (l *accountPool) acquire(ctx context.Context, lease *Lease, maxWait time.Duration) (retryIn time.Duration, err error) {
	select {
	case l.slots <- struct{}{}:
		l.queue.take(lease, l.pool.opts.now())
		return 0, nil
	default:
	}
	if retryIn := l.queue.join(l.pool.opts.now(), maxWait, cap(l.slots)); retryIn > 0 {
		return retryIn, nil
	}
	defer l.queue.quit()
	var enough <-chan time.Time
	if maxWait > 0 {
		timer := time.NewTimer(maxWait)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case l.slots <- struct{}{}:
		l.queue.take(lease, l.pool.opts.now())
		return 0, nil
	case <-enough:
		return l.queue.book(l.pool.opts.now(), maxWait, cap(l.slots)), nil
	case <-ctx.Done():
		return 0, givenUp(ctx)
	}
}

// release frees the slot of a lease.
func (l *accountPool) release(lease *Lease) {
	l.queue.free(lease, l.pool.opts.now())
	<-l.slots
}

func (q *queue) take(lease *Lease, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.leased == nil {
		q.leased = map[*Lease]time.Time{}
	}
	q.leased[lease] = now
}

// free remembers how long the lease was held: a moving mean, the last counts a quarter.
func (q *queue) free(lease *Lease, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	took := now.Sub(q.leased[lease])
	delete(q.leased, lease)
	q.typical += (took - q.typical) / 4
}

// join puts one more into the queue, unless it would wait longer than maxWait: then it is
// returned in how long its turn comes.
func (q *queue) join(now time.Time, maxWait time.Duration, slots int) (retryIn time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if maxWait > 0 && q.slowest(now)/time.Duration(slots)*time.Duration(q.waiting+1) > maxWait {
		return q.next(now, maxWait, slots)
	}
	q.waiting++
	return 0
}

func (q *queue) quit() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting--
}

func (q *queue) book(now time.Time, maxWait time.Duration, slots int) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.next(now, maxWait, slots)
}

// slowest is how long a lease is held: a server that has not answered for a while
// takes at least so long.
func (q *queue) slowest(now time.Time) time.Duration {
	slow := q.typical
	for _, since := range q.leased {
		slow = max(slow, now.Sub(since))
	}
	return slow
}

// hanging is what a server that does not answer adds to the distance of two turns, at
// most: it may answer again at any moment, and a turn that was given stays.
const hanging = time.Second

// next gives away the next turn behind those that were given.
func (q *queue) next(now time.Time, maxWait time.Duration, slots int) time.Duration {
	if first := now.Add(maxWait); q.booked.Before(first) {
		q.booked = first
	}
	each := max(q.typical, min(q.slowest(now), hanging)) / time.Duration(slots)
	q.booked = q.booked.Add(max(each, time.Millisecond))
	if last := now.Add(furthest); q.booked.After(last) {
		q.booked = last
	}
	return q.booked.Sub(now)
}
