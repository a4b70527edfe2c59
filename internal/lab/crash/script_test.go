package crash

import (
	"context"
	"sync"

	"relance/internal/devstack/inbox"
)

// script is what the receiving servers do beside accepting, and what they have
// seen. The functions are nil where a row has none.
type script struct {
	over context.Context // the end of the row: nothing is held longer

	mu                     sync.Mutex
	rcpts, dots, brokenOff int
	let                    map[int]chan struct{}
	rcpt                   func()
	dot                    func(n int) *inbox.Reply
	posted                 func()
}

// hold keeps the answer to the n-th RCPT, from 1, until it is let go: a client that
// waits for it has not asked the gate yet.
func (s *script) hold(n int) (let func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make(chan struct{})
	s.let[n] = held
	return sync.OnceFunc(func() { close(held) })
}

func (s *script) onRcpt(string) *inbox.Reply {
	s.mu.Lock()
	s.rcpts++
	held, rcpt := s.let[s.rcpts], s.rcpt
	s.mu.Unlock()
	if rcpt != nil {
		rcpt()
	}
	if held != nil {
		s.await(held)
	}
	return nil
}

func (s *script) await(event <-chan struct{}) {
	select {
	case <-event:
	case <-s.over.Done():
	}
}

func (s *script) onData([]string, []byte) *inbox.Reply {
	s.mu.Lock()
	s.dots++
	n, dot := s.dots, s.dot
	s.mu.Unlock()
	if dot != nil {
		return dot(n)
	}
	return nil
}

func (s *script) onBrokenOff([]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brokenOff++
}

func (s *script) onPosted() {
	s.mu.Lock()
	posted := s.posted
	s.mu.Unlock()
	if posted != nil {
		posted()
	}
}

// with changes the script.
func (s *script) with(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// seen is what was seen on the wire: RCPTs, final dots, and messages that
// were broken off before their dot.
type seen struct{ rcpts, dots, brokenOff int }

func (s *script) seen() seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return seen{s.rcpts, s.dots, s.brokenOff}
}
