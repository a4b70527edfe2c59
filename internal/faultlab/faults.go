package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"
)

// event is something that was done to the system, from its beginning until the
// part was up again.
type event struct {
	Kind string    `json:"kind"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// The kinds of faults.
const (
	killWorker   = "kill -9 worker"
	stopWorker   = "stop worker across its heartbeat timeout"
	killPostgres = "kill -9 PostgreSQL"
	killTemporal = "kill -9 Temporal"
	killInbox    = "kill -9 inbox"
	killGateway  = "kill -9 SMS gateway"
	cutMail      = "cut connections to the inbox"
	resetMail    = "reset connections to the inbox"
	stallMail    = "stall connections to the inbox"
	swallowMail  = "swallow what is said to the inbox"
	cutBase      = "cut connections to PostgreSQL"
	resetBase    = "reset connections to PostgreSQL"
	stallBase    = "stall connections to PostgreSQL"
)

// deck is what is drawn from. It is shuffled anew when it is empty, so every
// kind has its turn; what matters most is in it more often.
var deck = []string{
	killWorker, killWorker, killWorker, killPostgres, killPostgres, killTemporal, stopWorker, killInbox, killGateway,
	cutMail, resetMail, stallMail, swallowMail, cutBase, resetBase, stallBase,
}

// plan is one fault of a run: what, of which worker, and how long after the last.
type plan struct {
	kind   string
	worker int
	after  time.Duration
}

// plans is the endless order of faults of a seed.
func plans(random *rand.Rand) func() plan {
	var left []string
	return func() plan {
		if len(left) == 0 {
			left = append(left, deck...)
			random.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		}
		next := plan{kind: left[0], worker: random.IntN(2), after: time.Duration(800+random.IntN(2200)) * time.Millisecond}
		left = left[1:]
		return next
	}
}

// disturb does everything at once until the time is up, or Ctrl-C.
func (l *lab) disturb(interrupted context.Context) {
	ctx, cancel := context.WithTimeout(interrupted, l.length)
	defer cancel()
	l.say("faults begin")
	var group sync.WaitGroup
	for _, work := range []func(context.Context){l.enrollAll, l.fault, l.operate, l.watch} {
		group.Go(func() { work(ctx) })
	}
	group.Wait()
	l.say("faults end")
}

// fault does one fault after another. A stopped worker is left to itself: the
// others go on meanwhile.
func (l *lab) fault(ctx context.Context) {
	next := plans(l.random("faults"))
	var stopped sync.WaitGroup
	var busy sync.Mutex // held while a worker is stopped
	for {
		p := next()
		if !pause(ctx, p.after) {
			break
		}
		// Begun is done: what is down must come up again, whatever the time.
		work := context.WithoutCancel(ctx)
		if p.kind != stopWorker {
			l.do(work, p)
			continue
		}
		if busy.TryLock() {
			stopped.Go(func() {
				defer busy.Unlock()
				l.do(ctx, p)
			})
		}
	}
	stopped.Wait()
}

func (l *lab) do(ctx context.Context, p plan) {
	l.say("%s", p.kind)
	done := l.note(p.kind)
	var err error
	switch p.kind {
	case killWorker:
		err = l.restart(ctx, l.workers[p.worker])
	case killTemporal:
		err = l.restart(ctx, l.temporal)
	case killInbox:
		err = l.restart(ctx, l.inbox)
	case killGateway:
		err = l.restart(ctx, l.gateway)
	case killPostgres:
		err = l.killPostgres(ctx)
	case stopWorker:
		l.twoOwners(ctx, l.workers[p.worker])
	case cutMail:
		err = l.toInbox.cut()
	case resetMail:
		err = l.toInbox.reset()
	case stallMail:
		err = l.toInbox.stall()
	case swallowMail:
		err = l.toInbox.swallow()
	case cutBase:
		err = l.toPostgres.cut()
	case resetBase:
		err = l.toPostgres.reset()
	case stallBase:
		err = l.toPostgres.stall()
	}
	done()
	if err != nil {
		l.say("%s: %v", p.kind, err)
	}
}

func (l *lab) restart(ctx context.Context, p *part) error {
	p.kill()
	return p.startUntilUp(ctx)
}

// note writes an event down, and its end when the returned function is called.
func (l *lab) note(kind string) (done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := len(l.events)
	l.events = append(l.events, event{Kind: kind, From: time.Now()})
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events[at].To = time.Now()
	}
}

// twoOwners makes two workers believe that they own the same sends (law 1). The
// inbox lets some wait for the answer to RCPT, before the gate; their worker is
// stopped. After the heartbeat timeout the other worker takes
// them over and is made to wait at the same place. Then the first goes on: its
// gate has to stay shut. At last the second is refused, and tries again.
func (l *lab) twoOwners(ctx context.Context, worker *part) {
	defer worker.signal(syscall.SIGCONT)
	defer l.inbox.tell("release")
	l.inbox.tell("hold")
	if !pause(ctx, 1200*time.Millisecond) {
		return
	}
	worker.signal(syscall.SIGSTOP)
	l.inbox.tell("release")
	if !pause(ctx, 26*time.Second) {
		return
	}
	l.inbox.tell("rehold")
	if !pause(ctx, 7*time.Second) {
		return
	}
	worker.signal(syscall.SIGCONT)
	if !pause(ctx, 1500*time.Millisecond) {
		return
	}
	l.inbox.tell("refuse")
}

// ownersInDoubt is true while a worker is stopped: it may still send a dot whose
// gate it has passed, and nobody can say "not sent" yet.
func (l *lab) ownersInDoubt() bool {
	for _, worker := range l.workers {
		worker.mu.Lock()
		stopped := worker.stopped
		worker.mu.Unlock()
		if stopped {
			return true
		}
	}
	return false
}
