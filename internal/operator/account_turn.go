package operator

import (
	"context"
	"sync"
)

// turns let one login at a time go on for each account: of two clicks the second waits
// for the first, and then sees what it has changed.
type turns struct {
	mutex sync.Mutex
	of    map[string]*turn
}

// turn is one account's. free holds one value while nobody logs in.
type turn struct {
	free    chan struct{}
	wanting int
}

// turn waits until nobody else logs in to the account at this address; done lets the
// next one.
func (t *turns) turn(ctx context.Context, address string) (done func(), err error) {
	t.mutex.Lock()
	if t.of == nil {
		t.of = map[string]*turn{}
	}
	mine := t.of[address]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.of[address] = mine
	}
	mine.wanting++
	t.mutex.Unlock()
	leave := func() {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		if mine.wanting--; mine.wanting == 0 {
			delete(t.of, address)
		}
	}
	select {
	case <-mine.free:
		return func() { mine.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
