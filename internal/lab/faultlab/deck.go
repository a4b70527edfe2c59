package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// tryPaces does one trial after another in every lane with a pace, and beside them whatever the
// operators do.
func (l *lab) tryPaces(ctx context.Context) {
	var group sync.WaitGroup
	for _, one := range l.lanes.that(isPaced) {
		group.Go(func() { l.tryPacesOf(ctx, one) })
	}
	group.Wait()
}

func (l *lab) tryPacesOf(ctx context.Context, one lane) {
	o := &operator{lab: l, random: l.random("paces of " + one.name)}
	all := &deck{lane: one, order: l.random("order of the trials"), random: o.random}
	if !l.awaitUpgrade(ctx) {
		return
	}
	what := all.next()
	for pause(ctx, time.Duration(1000+o.random.IntN(1500))*time.Millisecond) {
		address := all.sender()
		if !o.isSending(ctx, address) { // nothing would leave, whatever the rule
			continue
		}
		if awaitMidnight(ctx) {
			o.attempt(ctx, midnightTrial, one, address)
			continue
		}
		if o.attempt(ctx, what, one, address); o.failed {
			all.again(what)
		}
		what = all.next()
	}
}

// attempt does a trial, and counts it unless the run's end cuts it short.
func (o *operator) attempt(ctx context.Context, what trial, one lane, address string) {
	o.failed = false
	what.do(ctx, o, one, address)
	if ctx.Err() == nil {
		o.did(what.name, o.failed)
	}
}

// isSending waits until mail of a sender leaves: somebody gives turns, a worker sends, and nobody has broken the sender or
// taken it away. False when that takes too long.
func (o *operator) isSending(ctx context.Context, address string) bool {
	sending := false
	return o.until(ctx, patienceOfTrials, func() bool {
		now := time.Now()
		sending = o.mailsBetween(ctx, address, now.Add(-usualGap-prompt/2), now) > 0
		return sending
	}) && sending
}

// deck is the endless order of the trials of a lane. Order is that of the seed, the same for all lanes, so that what one comes to last
// another comes to first.
type deck struct {
	lane          lane
	order, random *rand.Rand
	left          []trial
	tries         map[string]int
}

// mostTries is how often a trial is done in a round that a fault keeps from its edges.
const mostTries = 3

func (d *deck) next() trial {
	if len(d.left) == 0 {
		first, then := []trial{fifoTrial}, slices.Clone(trials)
		d.order.Shuffle(len(then), func(i, j int) { then[i], then[j] = then[j], then[i] })
		if d.lane.more > 0 {
			slices.Reverse(then)
			first, then = slices.Clone(severalTrials), append(then, fifoTrial)
		}
		d.random.Shuffle(len(first), func(i, j int) { first[i], first[j] = first[j], first[i] })
		d.left, d.tries = slices.Concat(first, then), map[string]int{}
	}
	next := d.left[0]
	d.left = d.left[1:]
	return next
}

// again has a trial that failed come once more, when the others of the round have had their turn; but one that only this lane can show
// right after the next one.
func (d *deck) again(failed trial) {
	if d.tries[failed.name]++; d.tries[failed.name] >= mostTries {
		return
	}
	at := len(d.left)
	if !slices.ContainsFunc(trials, func(one trial) bool { return one.name == failed.name }) {
		at = min(1, at)
	}
	d.left = slices.Insert(d.left, at, failed)
}

// sender is one of the lane's, as it is drawn.
func (d *deck) sender() string {
	senders := d.lane.senders()
	return senders[d.random.IntN(len(senders))]
}
