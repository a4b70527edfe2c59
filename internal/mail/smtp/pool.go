package smtp

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
)

// Pool holds the connections of all email accounts. It is safe for concurrent use.
type Pool struct {
	opts options

	mu    sync.Mutex
	pools map[accountKey]*accountPool
	// newest is the highest epoch that has been seen of an address: what belongs to an
	// older one is closed as soon as it is not in use.
	newest map[string]int64
	swept  time.Time
	// busy counts sends and goodbyes; drained is closed when a closed pool has none left.
	busy    int
	closed  bool
	drained chan struct{}
}

// accountKey is an account as it was at one moment: new settings are a new pool of connections.
type accountKey struct {
	address string
	epoch   int64
}

// NewPool makes an empty pool.
func NewPool(opts ...Option) *Pool {
	o := defaults()
	for _, option := range opts {
		option(&o)
	}
	return &Pool{opts: o, pools: map[accountKey]*accountPool{}, newest: map[string]int64{}, drained: make(chan struct{})}
}

// Envelope is who a message is from and who it is to: bare addresses.
type Envelope struct {
	From, To string
	// ID comes back in reports about the message (ENVID, RFC 3461 §4.4) where the servers on
	// its way can do that; empty for none.
	ID string
}

// Send hands one composed message (see Compose) to the account's server and returns the
// reply to its final dot, always 2xx.
//
// gate is called once, after the whole body has been written and before the final dot.
// When it returns an error no dot is sent, the connection is closed, and that error is
// returned as it is. After it has returned nil, ctx no longer ends anything.
//
// Every other error says what happened: *Refused, *Unreachable and *Undeliverable are
// definite, nothing was accepted; *Unanswered is uncertain (law 4). An error that is ctx.Err()
// says that the caller gave up before the gate, and nothing was accepted.
func (p *Pool) Send(ctx context.Context, account campaign.EmailAccount, envelope Envelope, message []byte, gate func(context.Context) error) (reply.Reply, error) {
	lease, _, err := p.Reserve(ctx, account, 0)
	if err != nil {
		return reply.Reply{}, err
	}
	defer lease.Release()
	return lease.Send(ctx, envelope, message, gate)
}

// Login connects, encrypts and logs in over a connection of its own and says goodbye. Its
// errors are those of Send.
func (p *Pool) Login(ctx context.Context, account campaign.EmailAccount) error {
	s, err := open(ctx, account, p.opts)
	if err != nil {
		return err
	}
	s.quit()
	return nil
}

// Close takes no new messages, says goodbye on the connections that are not in use, and
// waits for the messages in flight until ctx is done. It does not cut them short: that
// would leave a message uncertain whose answer is on its way.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	if first {
		p.busy++ // until the goodbyes below have begun
	}
	pools := slices.Collect(maps.Values(p.pools))
	p.mu.Unlock()
	if first {
		for _, l := range pools {
			l.retire()
		}
		p.done()
	}
	select {
	case <-p.drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter finds the account's pool and counts a send. Those of older epochs are retired.
func (p *Pool) enter(account campaign.EmailAccount) (*accountPool, error) {
	key := accountKey{account.Address, account.Epoch}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, &Unreachable{Phase: reply.Connect, Err: ErrClosed}
	}
	p.sweep()
	l := p.pools[key]
	if l == nil {
		l = newAccountPool(p, key)
		p.pools[key] = l
	}
	if newest, ok := p.newest[key.address]; !ok || key.epoch > newest {
		p.newest[key.address] = key.epoch
		for other, old := range p.pools {
			if other.address == key.address && other.epoch < key.epoch {
				go old.retire() // it takes that pool's lock
			}
		}
	} else if key.epoch < newest {
		l.expendable.Store(true) // an attempt that has read the account before it changed
	}
	p.busy++
	l.users++
	return l, nil
}

func (p *Pool) leave(l *accountPool) {
	p.mu.Lock()
	l.users--
	p.mu.Unlock()
	p.done()
}

// done counts a send or a goodbye out.
func (p *Pool) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy--; p.busy == 0 && p.closed {
		close(p.drained)
	}
}

// farewell says goodbye in the background; Close waits for it.
func (p *Pool) farewell(s *session) {
	p.mu.Lock()
	if p.closed && p.busy == 0 { // no send is in flight any more
		p.mu.Unlock()
		s.hangUp()
		return
	}
	p.busy++
	p.mu.Unlock()
	go func() { // a server may take its time over a goodbye
		defer p.done()
		s.quit()
	}()
}

// sweep forgets the accounts' pools that are unused and have nothing to remember.
func (p *Pool) sweep() {
	now := p.opts.now()
	if now.Sub(p.swept) < time.Minute {
		return
	}
	p.swept = now
	for key, l := range p.pools {
		if l.users == 0 && l.forgettable(now) {
			delete(p.pools, key)
		}
	}
}
