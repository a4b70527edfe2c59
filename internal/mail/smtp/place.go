package smtp

import (
	"context"
	"errors"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/reply"
)

// Patience is how long a caller stands in an account's line before it is told to come
// again: so long a slow account may keep a worker busy with waiting.
const Patience = 5 * time.Second

// Place is one of an account's connections, for one message. It is held until Release.
type Place struct {
	pool    *Pool
	lane    *lane
	account campaign.EmailAccount
}

// Reserve takes one of the account's places. When the line is longer than patience, or
// takes longer, there is no place: turn is then in how long the caller's turn comes, and
// everybody who is turned away is given a later one. Patience 0 waits for as long as ctx
// lives. An error is ctx's own, or says that the pool is closed.
func (p *Pool) Reserve(ctx context.Context, account campaign.EmailAccount, patience time.Duration) (place *Place, turn time.Duration, err error) {
	l, err := p.enter(account)
	if err != nil {
		return nil, 0, err
	}
	place = &Place{pool: p, lane: l, account: account}
	turn, err = l.take(ctx, place, patience)
	if err != nil || turn > 0 {
		p.leave(l)
		return nil, turn, err
	}
	return place, 0, nil
}

// Release gives the place to the next in line.
func (pl *Place) Release() {
	pl.lane.leave(pl)
	pl.pool.leave(pl.lane)
}

// Send hands one composed message (see Compose) to the account's server, as Pool.Send does.
func (pl *Place) Send(ctx context.Context, envelope Envelope, message []byte, gate func(context.Context) error) (reply.Reply, error) {
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
		s, err := pl.lane.ready(ctx, pl.account)
		if err != nil {
			return reply.Reply{}, err
		}
		answer, err := s.transmit(ctx, transmission{from: from, to: to, message: message, gate: gate})
		pl.lane.rest(s)
		if !errors.Is(err, errStale) { // a new connection never is
			return answer, err
		}
	}
}
