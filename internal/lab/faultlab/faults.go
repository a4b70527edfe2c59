package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// event is something that was done to the system, from its beginning until the
// part was up again.
type event struct {
	Kind   string    `json:"kind"`
	Worker string    `json:"worker,omitempty"` // the one that it was done to
	From   time.Time `json:"from"`
	// Struck is when it had been done, which a busy machine may hold up, or which had to be prepared first; zero is at once.
	Struck time.Time `json:"struck,omitzero"`
	To     time.Time `json:"to"`
}

// fault is one kind of what is done to the system.
type fault struct {
	// key is its short name, for -only; kind is what the report calls it.
	key, kind string
	// turns is how often it is in the deck, alone is true of the one that needs sends with
	// two owners, which takes more than half a minute.
	turns int
	alone bool
	// first is set for those that a run has to have done to prove anything: they
	// come first, in an order of the seed.
	first bool
	// ofWorker is set when it is done to one of the workers, ofGiver when it needs turns to be given.
	ofWorker, ofGiver bool
	do                func(ctx context.Context, l *lab, worker *part) error
}

// faults is the deck that is drawn from. Laws 1 and 4 are decided in the moment
// between the gate's commit and the ledger's last word, which is short: so two
// faults first gather sends there, and make the moment long.
var faults = []fault{
	{key: "worker", first: true, kind: "kill -9 worker", turns: 3, ofWorker: true, do: func(ctx context.Context, l *lab, worker *part) error {
		return l.restart(ctx, worker)
	}},
	{key: "gate-kill", first: true, kind: killAtGates, turns: 2, ofWorker: true, do: func(ctx context.Context, l *lab, worker *part) error {
		return l.atTheGates(ctx, "upstream", func() error {
			worker.kill()
			return errors.Join(l.toPostgres.cutNow(), worker.startUntilUp(ctx)) // what was kept back never arrives
		})
	}},
	{key: "gate-cut", first: true, kind: cutAtGates, turns: 2, do: func(ctx context.Context, l *lab, _ *part) error {
		return l.atTheGates(ctx, "downstream", l.toPostgres.cutNow)
	}},
	{key: "owners", first: true, kind: "stop worker across its timeouts", turns: 1, alone: true, ofWorker: true, do: func(ctx context.Context, l *lab, worker *part) error {
		l.twoOwners(ctx, worker)
		return nil
	}},
	{key: "postgres", first: true, kind: "kill -9 PostgreSQL", turns: 2, do: func(ctx context.Context, l *lab, _ *part) error { return l.killPostgres(ctx) }},
	{key: "temporal", first: true, kind: "kill -9 Temporal", turns: 1, do: func(ctx context.Context, l *lab, _ *part) error { return l.restart(ctx, l.temporal) }},
	{key: "giver", first: true, ofGiver: true, kind: killGiver, turns: 2, do: func(ctx context.Context, l *lab, _ *part) error { return l.killTheGiver(ctx) }},
	{key: "two-givers", ofGiver: true, kind: twoGivers, turns: 1, do: func(ctx context.Context, l *lab, _ *part) error { return l.twoAtOnce(ctx) }},
	{key: "inbox", kind: killInbox, turns: 1, do: func(ctx context.Context, l *lab, _ *part) error { return l.restart(ctx, l.inbox) }},
	{key: "gateway", kind: killGateway, turns: 1, do: func(ctx context.Context, l *lab, _ *part) error { return l.restart(ctx, l.gateway) }},
	{key: "mail-cut", kind: "cut connections to the inbox", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toInbox.cut() }},
	{key: "mail-reset", kind: "reset connections to the inbox", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toInbox.reset() }},
	{key: "mail-stall", kind: "stall connections to the inbox", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toInbox.stall() }},
	{key: "mail-slow", kind: "slow connections to the inbox", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toInbox.slow() }},
	{key: "mail-swallow", kind: "swallow what is said to the inbox", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toInbox.swallow() }},
	{key: "mailbox-move", first: true, kind: movesMailboxes, turns: 1, do: func(ctx context.Context, l *lab, _ *part) error { return l.moveMailboxes(ctx) }},
	{key: "mailbox-cut", kind: "cut connections" + toMailboxes, turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toMailboxes.cut() }},
	{key: "mailbox-stall", kind: "stall connections" + toMailboxes, turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toMailboxes.stall() }},
	{key: "mailbox-swallow", kind: "swallow what is said" + toMailboxes, turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toMailboxes.swallow() }},
	{key: "two-readers", kind: "keep a worker from Temporal until another reads its mailboxes", turns: 1, ofWorker: true, do: func(ctx context.Context, l *lab, worker *part) error {
		return l.twoReaders(ctx, worker)
	}},
	{key: "base-cut", kind: "cut connections to PostgreSQL", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toPostgres.cut() }},
	{key: "base-reset", kind: "reset connections to PostgreSQL", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toPostgres.reset() }},
	{key: "base-stall", kind: "stall connections to PostgreSQL", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toPostgres.stall() }},
	{key: "base-slow", kind: "slow connections to PostgreSQL", turns: 1, do: func(_ context.Context, l *lab, _ *part) error { return l.toPostgres.slow() }},
	{key: "temporal-cut", kind: "cut a worker off from Temporal", turns: 1, ofWorker: true, do: func(_ context.Context, l *lab, worker *part) error {
		return l.toTemporal[worker].cut()
	}},
	{key: "temporal-stall", kind: "stall a worker's connection to Temporal", turns: 1, ofWorker: true, do: func(_ context.Context, l *lab, worker *part) error {
		return l.toTemporal[worker].stall()
	}},
}

// The kinds that the judge knows by name: two concern only what one of the two
// servers was sent, and one kills in its middle.
const (
	killAtGates = "kill -9 worker at its gates"
	cutAtGates  = "cut PostgreSQL off at the gates"
	killInbox   = "kill -9 inbox"
	killGateway = "kill -9 SMS gateway"

	// What these do keeps no mail from its answer.
	movesMailboxes = "give mailboxes a new UIDVALIDITY"
	toMailboxes    = " to the mailboxes"
)

// choose returns the faults of -only, or all.
func choose(only string) ([]fault, error) {
	if only == "" {
		return faults, nil
	}
	var chosen []fault
	for key := range strings.SplitSeq(only, ",") {
		at := slices.IndexFunc(faults, func(f fault) bool { return f.key == strings.TrimSpace(key) })
		if at < 0 {
			var keys []string
			for _, f := range faults {
				keys = append(keys, f.key)
			}
			return nil, fmt.Errorf("-only: there is no fault %q; there are %s", key, strings.Join(keys, ", "))
		}
		chosen = append(chosen, faults[at])
	}
	return chosen, nil
}

// disturb does everything at once until the time is up, or Ctrl-C.
func (l *lab) disturb(interrupted context.Context) {
	ctx, cancel := context.WithTimeout(interrupted, l.length)
	defer cancel()
	l.together(ctx, l.enrollAll, l.fault, l.operate, l.tryPaces, l.watch, l.watchLine)
}

// together says when it begins and ends, and notes both.
func (l *lab) together(ctx context.Context, work ...func(context.Context)) {
	l.say("it begins")
	l.from = time.Now()
	var group sync.WaitGroup
	for _, one := range work {
		group.Go(func() { one(ctx) })
	}
	group.Wait()
	l.to = time.Now()
	l.say("it ends")
}

// fault does one fault after another.
func (l *lab) fault(ctx context.Context) {
	next := plans(l.chosen, l.random("faults"))
	if !l.underLoad(ctx) {
		return
	}
	for {
		p := next()
		if !pause(ctx, time.Duration(float64(p.after)*l.every.Seconds()/usualPause.Seconds())) {
			return
		}
		if !l.isUpgraded() && time.Since(l.from) > l.length/olderServes {
			if err := l.upgrade(context.WithoutCancel(ctx)); err != nil {
				l.strange(2, "the upgrade: "+err.Error())
			}
		}
		if p.ofGiver && !l.isUpgraded() {
			continue // nobody gives turns
		}
		l.do(ctx, p)
	}
}

// underLoad waits until the first mails are through: what is killed before
// anybody sends proves nothing.
func (l *lab) underLoad(ctx context.Context) bool {
	for {
		mails, _ := l.mails() // none yet
		if len(mails) >= 100 {
			return true
		}
		if !pause(ctx, 200*time.Millisecond) {
			return false
		}
	}
}

func (l *lab) do(ctx context.Context, p planned) {
	worker := (*part)(nil)
	name := ""
	if p.ofWorker {
		worker = l.workers[p.worker]
		name = worker.name
	}
	l.say("%s %s", p.kind, name)
	done := l.note(p.kind, name)
	// Begun is done: what is down must come up again, and two owners take their time.
	err := p.do(context.WithoutCancel(ctx), l, worker)
	done()
	if err != nil {
		l.say("%s: %v", p.kind, err)
	}
}

func (l *lab) restart(ctx context.Context, p *part) error {
	p.kill()
	l.strikes()
	return p.startUntilUp(ctx)
}

// strikes notes that what the last event has prepared is done now.
func (l *lab) strikes() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[len(l.events)-1].Struck = time.Now()
}

// note writes an event down, and its end when the returned function is called.
func (l *lab) note(kind, worker string) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := len(l.events)
	l.events = append(l.events, event{Kind: kind, Worker: worker, From: time.Now()})
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events[at].To = time.Now()
	}
}
