package smtp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
)

// accountPool is the connection pool of one account at one epoch: a bounded number of
// connections, and the memory of what happened when one was last opened.
type accountPool struct {
	pool *Pool
	key  accountKey
	// slots has one element for every lease; queue has the callers that wait for one.
	slots chan struct{}
	queue queue
	// first is held while a connection is opened before any login has succeeded, so that
	// a broken account costs one login at a time, however many contacts are due.
	first chan struct{}
	// expendable is true when a newer epoch is known: connections are not kept.
	expendable atomic.Bool
	// users counts the sends that hold or wait for a connection; guarded by the pool.
	users int

	mu     sync.Mutex
	idle   []*resting
	proven bool
	// failed is the last failure to open a connection, and counts until failedUntil.
	failed      error
	failedUntil time.Time
}

// resting is a connection that waits for its next message, and its alarm.
type resting struct {
	session *session
	alarm   *time.Timer
}

func newAccountPool(p *Pool, key accountKey) *accountPool {
	return &accountPool{pool: p, key: key, slots: make(chan struct{}, p.opts.connections), first: make(chan struct{}, 1)}
}

// ready returns a connection that has rested, which may have ended meanwhile (errStale),
// else a new one.
func (l *accountPool) ready(ctx context.Context, account campaign.EmailAccount) (*session, error) {
	if s := l.wake(); s != nil {
		return s, nil
	}
	if err := l.recentFailure(); err != nil {
		return nil, err
	}
	if !l.hasProven() {
		select {
		case l.first <- struct{}{}:
			defer func() { <-l.first }()
		case <-ctx.Done():
			return nil, givenUp(ctx)
		}
		if err := l.recentFailure(); err != nil { // of the one that was waited for
			return nil, err
		}
	}
	s, err := open(ctx, account, l.pool.opts)
	if err == nil || ctx.Err() == nil {
		l.remember(err)
	}
	return s, err
}

// rest puts a session to rest, or ends it.
func (l *accountPool) rest(s *session) {
	if s.broken {
		s.hangUp()
		return
	}
	l.mu.Lock()
	keep := s.carried < l.pool.opts.messages && l.pool.opts.idle > 0 && !l.expendable.Load()
	if keep {
		r := &resting{session: s}
		r.alarm = time.AfterFunc(l.pool.opts.idle, func() {
			if l.remove(r) {
				l.pool.farewell(s)
			}
		})
		l.idle = append(l.idle, r)
	}
	l.mu.Unlock()
	if !keep {
		l.pool.farewell(s)
	}
}

// wake takes the connection that has rested the shortest, or nil.
func (l *accountPool) wake() *session {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.idle) == 0 {
		return nil
	}
	r := l.idle[len(l.idle)-1]
	l.idle = l.idle[:len(l.idle)-1]
	r.alarm.Stop() // if it has gone off, remove will find nothing
	return r.session
}

func (l *accountPool) remove(r *resting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.idle, r)
	if at >= 0 {
		l.idle = slices.Delete(l.idle, at, at+1)
	}
	return at >= 0
}

// retire ends the connections that rest, and those in use as soon as they are released.
func (l *accountPool) retire() {
	l.expendable.Store(true)
	for s := l.wake(); s != nil; s = l.wake() {
		l.pool.farewell(s)
	}
}

// remember keeps how opening a connection went. A refused login or wrong settings will
// be refused again: the account is left alone for a while, and every caller meanwhile
// gets the same answer. A server that cannot be reached now may be in a second.
func (l *accountPool) remember(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = err
	if err == nil {
		l.proven = true
		return
	}
	rest := l.pool.opts.dialRest
	var refused *Refused
	var unreachable *Unreachable
	if (errors.As(err, &refused) && refused.Reply.Phase == reply.Auth) || (errors.As(err, &unreachable) && unreachable.Account) {
		rest = l.pool.opts.loginRest
		l.proven = false
	}
	l.failedUntil = l.pool.opts.now().Add(rest)
}

func (l *accountPool) recentFailure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil && l.pool.opts.now().Before(l.failedUntil) {
		return l.failed
	}
	return nil
}

func (l *accountPool) hasProven() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.proven
}

func (l *accountPool) forgettable(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.idle) == 0 && (l.failed == nil || !now.Before(l.failedUntil))
}
