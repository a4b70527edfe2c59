package crash

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// What a worker writes down in the send and park paths, in words. Each of them
// is one transaction, or one statement, and a process can die on either side
// of its commit.
const (
	claim     = "the claim"
	gate      = "the gate" // its other side is the moment before the dot
	sent      = "the note that it was accepted"
	fail      = "the note that it was refused"
	uncertain = "the note that nobody knows"
	hold      = "the park"
	record    = "the record of a failure"
	receipt   = "the receipt"
	disenroll = "the disenrollment"
	signalled = "the cursor of a wake"
	started   = "the note of which were started"
	tried     = "the report of a first try" // Temporal commits it, with the marker
)

// commits are all of them, and both sides of each have a row.
var commits = []string{claim, gate, sent, fail, uncertain, hold, record, receipt, disenroll, signalled, started, tried}

const (
	before = ", before its commit"
	after  = ", after its commit"
)

// The points that are on no side of a commit.
const (
	beforeClaim   = "the facts, before the claim"
	secondSignal  = "the second signal of a page"
	secondStart   = "the second start of a page"
	grantedTurn   = "a turn, after its commit, before its signal"
	signalledTurn = "a turn, after its signal, before its note"
	triggerWake   = "a fix, after its commit, before its wake-up"
	startEnrolled = "an enrollment, after its commit, before its start"
)

// The points of a reader, in the order in which it comes to them when it keeps an answer. All but the last two
// are in the one transaction that holds the message and what follows from it.
const (
	heardLock   = "an answer, before the person's enrollments are taken"
	heardRow    = "an answer, before its row"
	heardEnd    = "an answer, before the end of the enrollment"
	heardOutbox = "an answer, before its outbox entry"
	heardCursor = "an answer, before the cursor"
	heard       = "an answer" // and both sides of its commit
	lookIsOver  = "an answer, before the look is complete"
)

// The points in the receiving servers, which kill the process that waits for the answer.
const (
	dotAccepted    = "the dot, accepted and not answered"
	dotNotAccepted = "the dot, not accepted and not answered"
	postAccepted   = "the POST, accepted and not answered"
)

// points is the one point at which this process dies, or stops until it is continued.
type points struct {
	at     string
	how    syscall.Signal
	passed atomic.Bool
	mu     sync.Mutex
	counts map[string]int
}

// The environment of a process that is to die.
const (
	pointVariable  = "RELANCE_CRASH_AT"
	signalVariable = "RELANCE_CRASH_SIGNAL"
)

// arrived is what a process says when it is there.
const arrived = "arrived"

func newPoints() *points {
	number, _ := strconv.Atoi(os.Getenv(signalVariable))
	return &points{at: os.Getenv(pointVariable), how: syscall.Signal(number), counts: map[string]int{}}
}

// pass is called wherever there is a point. At the point it does not return,
// or returns when the process is continued; each process has one such moment.
func (p *points) pass(point string) {
	if point != p.at || !p.passed.CompareAndSwap(false, true) {
		return
	}
	fmt.Println(arrived)
	if p.how == syscall.SIGSTOP {
		continued := make(chan os.Signal, 1)
		signal.Notify(continued, syscall.SIGCONT)
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		<-continued
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}

// second passes a point the second time that it comes by.
func (p *points) second(point string) {
	p.mu.Lock()
	p.counts[point]++
	n := p.counts[point]
	p.mu.Unlock()
	if n == 2 {
		p.pass(point)
	}
}

// note remembers that a point was passed by, has whether one was.
func (p *points) note(point string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[point+" was passed"]++
}

func (p *points) has(point string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[point+" was passed"] > 0
}

// committed passes the point behind a commit, and hands its error on.
func (p *points) committed(what string, err error) error {
	if err == nil {
		p.pass(what + after)
	}
	return err
}
