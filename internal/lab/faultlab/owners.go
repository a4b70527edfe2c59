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
// stopped. After the timeout of the workflow task, or the heartbeat timeout of the
// activity, the other worker takes them over and is made to wait at the same place.
// Then the first goes on: its gate has to stay shut. At last the second is refused,
// and tries again: whatever the first may have sent meanwhile is sent a second time then.
func (l *lab) twoOwners(ctx context.Context, worker *part) {
	defer worker.signal(syscall.SIGCONT)
	defer l.inbox.send("release")
	before, seconds := len(l.held(false)), len(l.held(true))
	if !l.gather(ctx) {
		return
	}
	worker.signal(syscall.SIGSTOP)
	l.inbox.send("release") // those of the other worker go their way
	if !pause(ctx, 1500*time.Millisecond) {
		return
	}
	first := l.shapesOf(ctx, l.held(false)[before:])
	l.inbox.send("rehold")
	takenOver := func() map[shape]int {
		second := map[string]shape{}
		for _, to := range l.held(true)[seconds:] {
			if is, ok := first[to]; ok {
				second[to] = is
			}
		}
		return countShapes(second)
	}
	l.say("stopped with %v in hand", countShapes(first))
	allShapes := func() bool { return len(takenOver()) == len(countShapes(first)) }
	if !l.until(ctx, max(activities.HeartbeatTimeout, taskTimeout)+15*time.Second, allShapes) || !pause(ctx, time.Second) {
		return
	}
	for is, count := range takenOver() {
		l.twoOwned[is] += count
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

// gather holds sends before their gates, of both shapes: those of half of the senders (an
// operator may have broken one) for longer than first tries have patience, so that activities
// have them, and then those of the others for less. False when ctx has ended.
func (l *lab) gather(ctx context.Context) bool {
	l.inbox.send("hold " + l.lanes.longer().letters())
	if !pause(ctx, activities.FirstTryPatience+time.Second) {
		return false
	}
	before := len(l.held(false))
	l.inbox.send("widen")
	return l.until(ctx, activities.FirstTryPatience/2, func() bool { return len(l.held(false)) >= before+12 }) // half of them are the one worker's
}

// longer are the lanes whose sends are held for longer: half of those without a pace, and those
// with one, which have few sends in hand.
func (l lanes) longer() lanes {
	plain := l.that(func(one lane) bool { return !one.paced })
	half := (len(plain) + 1) / 2
	if len(plain) < len(l) {
		half = len(plain) / 2
	}
	return append(l.that(isPaced), plain[:half]...)
}

// atTheGates gathers sends before their gates, lets them come to the gates
// together while PostgreSQL is kept from answering, and strikes.
func (l *lab) atTheGates(ctx context.Context, stream string, strike func() error) error {
	before := len(l.held(false))
	l.gather(ctx)
	return l.toPostgres.stalled(stream, func() error {
		l.inbox.send("release")
		toTheGates := time.After(1200 * time.Millisecond) // to say DATA and the message
		held := l.held(false)[before:]
		asking, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		there := countShapes(l.shapesOf(asking, held))
		l.mu.Lock()
		l.gathered += len(held)
		for is, count := range there {
			l.atGates[is] += count
		}
		l.mu.Unlock()
		l.say("at the gates: %v", there)
		<-toTheGates
		l.strikes()
		return strike()
	})
}

// held are the recipients of the sends that were held, or held a second time, in the
// order of it: some of them are held more than once.
func (l *lab) held(second bool) []string {
	lines, _ := readLines[owner](filepath.Join(l.dir, roleInbox, ownersName)) // not there yet: none
	var to []string
	for _, line := range lines {
		if line.Second == second {
			to = append(to, line.To)
		}
	}
	return to
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
