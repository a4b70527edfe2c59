package smtp

import (
	"context"
	"errors"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/reply"
)

// Lease is one connection slot of an account's pool, held for one message until Release.
type Lease struct {
	pool    *Pool
	slots   *accountPool
	account campaign.EmailAccount
}

// Reserve leases one of the account's connections. When the queue for them would take
// longer than maxWait there is no lease: retryIn is then in how long the caller's turn
// comes, and each caller that is turned away is given a later one. A maxWait of 0 waits for
// as long as ctx lives. An error is ctx's own, or says that the pool is closed.
func (p *Pool) Reserve(ctx context.Context, account campaign.EmailAccount, maxWait time.Duration) (lease *Lease, retryIn time.Duration, err error) {
	slots, err := p.enter(account)
	if err != nil {
		return nil, 0, err
	}
	lease = &Lease{pool: p, slots: slots, account: account}
	retryIn, err = slots.acquire(ctx, lease, maxWait)
	if err != nil || retryIn > 0 {
		p.leave(slots)
		return nil, retryIn, err
	}
	return lease, 0, nil
}

// Release gives the slot to the next in the queue.
func (l *Lease) Release() {
	l.slots.release(l)
	l.pool.leave(l.slots)
}

// Send hands one composed message (see Compose) to the account's server, as Pool.Send does.
func (l *Lease) Send(ctx context.Context, envelope Envelope, message []byte, gate func(context.Context) error) (reply.Reply, error) {
	from, err := mail.ParseMailbox(envelope.From)
	if err != nil {
		return reply.Reply{}, err
	}
	to, err := mail.ParseMailbox(envelope.To)
	if err != nil {
		return reply.Reply{}, err
	}
	if err := mail.CheckWire(message); err != nil {
		return reply.Reply{}, err
	}
	for {
		s, err := l.slots.ready(ctx, l.account)
		if err != nil {
			return reply.Reply{}, err
		}
		answer, err := s.transact(ctx, transaction{from: from, to: to, id: envelope.ID, message: message, gate: gate})
		l.slots.rest(s)
		if !errors.Is(err, errStale) { // a new connection never is
			return answer, err
		}
	}
}
