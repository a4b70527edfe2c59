package main

import (
	"context"
	"path/filepath"
	"syscall"
	"time"

	"relance/activities"
)

// ownersName is the record of the sends that had two owners, beside the inbox's log.
const ownersName = "owners.jsonl"

// owner is one line of it: a recipient whose send a worker had in hand, before
// its gate, when it was stopped; Second when another worker has taken it over.
type owner struct {
	To     string `json:"to"`
	Second bool   `json:"second"`
}

// twoOwners makes two workers believe that they own the same sends (law 1). The
// inbox lets some wait for the answer to RCPT, before the gate; their worker is
// stopped. After the heartbeat timeout the other worker takes them over and is
// made to wait at the same place. Then the first goes on: its gate has to stay
// shut. At last the second is refused, and tries again: whatever the first may
// have sent meanwhile is sent a second time then.
func (l *lab) twoOwners(ctx context.Context, worker *part) {
	defer worker.signal(syscall.SIGCONT)
	defer l.inbox.send("release")
	before := l.owners(true)
	held := l.owners(false)
	l.inbox.send("hold")
	if !l.until(ctx, 10*time.Second, func() bool { return l.owners(false) >= held+12 }) { // half of them are this worker's
		return
	}
	worker.signal(syscall.SIGSTOP)
	l.inbox.send("release") // those of the other worker go their way
	if !pause(ctx, 1500*time.Millisecond) {
		return
	}
	l.inbox.send("rehold")
	if !l.until(ctx, activities.HeartbeatTimeout+15*time.Second, func() bool { return l.owners(true) > before+1 }) || !pause(ctx, time.Second) {
		return
	}
	// A heartbeat's answer would cancel its attempts, sometimes in time. It is the
	// gate alone that has to hold, so that answer is kept back for now.
	_ = l.toTemporal[worker].stalled("downstream", func() error {
		worker.signal(syscall.SIGCONT)
		pause(ctx, 2*time.Second)
		return nil
	})
	l.inbox.send("refuse")
}

// atTheGates gathers sends before their gates, lets them come to the gates
// together while PostgreSQL is kept from answering, and strikes.
func (l *lab) atTheGates(ctx context.Context, stream string, strike func() error) error {
	held := l.owners(false)
	l.inbox.send("hold")
	l.until(ctx, 8*time.Second, func() bool { return l.owners(false) >= held+12 })
	return l.toPostgres.stalled(stream, func() error {
		l.mu.Lock()
		l.gathered += l.owners(false) - held
		l.mu.Unlock()
		l.inbox.send("release")
		pause(ctx, 1200*time.Millisecond) // to say DATA and the message
		return strike()
	})
}

// owners counts the sends that were held, or those that were held twice.
func (l *lab) owners(second bool) int {
	lines, _ := readLines[owner](filepath.Join(l.dir, roleInbox, ownersName)) // not there yet: none
	count := 0
	for _, line := range lines {
		if line.Second == second {
			count++
		}
	}
	return count
}

// until polls a condition for at most so long; false only when ctx has ended.
func (l *lab) until(ctx context.Context, most time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(most); !holds() && time.Now().Before(deadline); {
		if !pause(ctx, 200*time.Millisecond) {
			return false
		}
	}
	return ctx.Err() == nil
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
