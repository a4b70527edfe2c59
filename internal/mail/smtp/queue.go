package smtp

import (
	"context"
	"sync"
	"time"
)

// queue is who has a lane's places, who waits for one, and who was told to come again.
type queue struct {
	mu sync.Mutex
	// taken is since when each place is taken, typical how long one was taken of late.
	taken   map[*Place]time.Time
	typical time.Duration
	waiting int
	// booked is the latest turn that was given away.
	booked time.Time
}

// furthest is how far ahead a turn is given: a server may have become faster by then.
const furthest = time.Hour

// take waits for one of the lane's places; see Reserve.
func (l *lane) take(ctx context.Context, place *Place, patience time.Duration) (turn time.Duration, err error) {
	select {
	case l.slots <- struct{}{}:
		l.queue.take(place, l.pool.opts.now())
		return 0, nil
	default:
	}
	if turn := l.queue.join(l.pool.opts.now(), patience, cap(l.slots)); turn > 0 {
		return turn, nil
	}
	defer l.queue.quit()
	var enough <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case l.slots <- struct{}{}:
		l.queue.take(place, l.pool.opts.now())
		return 0, nil
	case <-enough:
		return l.queue.book(l.pool.opts.now(), patience, cap(l.slots)), nil
	case <-ctx.Done():
		return 0, givenUp(ctx)
	}
}

// leave frees a place.
func (l *lane) leave(place *Place) {
	l.queue.free(place, l.pool.opts.now())
	<-l.slots
}

func (q *queue) take(place *Place, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken == nil {
		q.taken = map[*Place]time.Time{}
	}
	q.taken[place] = now
}

// free remembers how long the place was taken: a moving mean, the last counts a quarter.
func (q *queue) free(place *Place, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	took := now.Sub(q.taken[place])
	delete(q.taken, place)
	q.typical += (took - q.typical) / 4
}

// join puts one more into the line, unless it would wait longer than patience: then its
// turn is later, and is returned.
func (q *queue) join(now time.Time, patience time.Duration, places int) (turn time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if patience > 0 && q.slowest(now)/time.Duration(places)*time.Duration(q.waiting+1) > patience {
		return q.next(now, patience, places)
	}
	q.waiting++
	return 0
}

func (q *queue) quit() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting--
}

func (q *queue) book(now time.Time, patience time.Duration, places int) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.next(now, patience, places)
}

// slowest is how long a place is taken: a server that has not answered for a while
// takes at least so long.
func (q *queue) slowest(now time.Time) time.Duration {
	slow := q.typical
	for _, since := range q.taken {
		slow = max(slow, now.Sub(since))
	}
	return slow
}

// hanging is what a server that does not answer adds to the distance of two turns, at
// most: it may answer again at any moment, and a turn that was given stays.
const hanging = time.Second

// next gives away the next turn behind those that were given.
func (q *queue) next(now time.Time, patience time.Duration, places int) time.Duration {
	if first := now.Add(patience); q.booked.Before(first) {
		q.booked = first
	}
	each := max(q.typical, min(q.slowest(now), hanging)) / time.Duration(places)
	q.booked = q.booked.Add(max(each, time.Millisecond))
	if last := now.Add(furthest); q.booked.After(last) {
		q.booked = last
	}
	return q.booked.Sub(now)
}
