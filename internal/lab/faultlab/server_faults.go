package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/journal"
)

// faultsName is the record of cuts after a final dot, beside the inbox's log.
const faultsName = "faults.jsonl"

// cut is one line of it.
type cut struct {
	Time      time.Time `json:"time"`
	MessageID string    `json:"messageId"`
	Accepted  bool      `json:"accepted"`
}

// serverFaults are what the inbox does wrong. What becomes of a message is drawn from the
// seed, its recipient and how often that recipient has been tried, so that it
// does not depend on which worker is faster.
type serverFaults struct {
	seed   uint64
	lanes  lanes
	record *journal.Journal
	owners *journal.Journal
	dots   *journal.Journal

	mu sync.Mutex
	// quiet is closed when the inbox has become a good server for good; wellBehaved is
	// true when it is slow or greylists at times, so that activities go on from first
	// tries, and nothing worse.
	quiet       chan struct{}
	wellBehaved bool
	tries       map[string]int
	denied      map[string]bool
	// held lets go of the recipients that are being held; known are those of the
	// first hold whose message has not come since: only they are held a second time.
	held      *hold
	known     map[string]bool
	onlyKnown bool
}

// hold is closed to let go of the sessions that wait at it, with a no when refused
// is set. Those of some lanes only wait, or of all when it is empty.
type hold struct {
	lanes   string
	over    chan struct{}
	refused bool
}

func newServerFaults(dir string, seed uint64, of lanes) (*serverFaults, error) {
	w := &serverFaults{seed: seed, lanes: of, quiet: make(chan struct{}), tries: map[string]int{}, denied: map[string]bool{}, known: map[string]bool{}}
	var err error
	for name, record := range map[string]**journal.Journal{faultsName: &w.record, ownersName: &w.owners, dotsName: &w.dots} {
		if *record, err = journal.Open(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// command is what the lab says: calm, polite, hold LANES, widen, rehold, release, refuse, deny U, allow U.
func (w *serverFaults) command(line string) {
	verb, who, _ := strings.Cut(line, " ")
	w.mu.Lock()
	defer w.mu.Unlock()
	switch verb {
	case "calm":
		if !w.calm() {
			close(w.quiet)
		}
		w.denied = map[string]bool{}
		w.letGo(false)
	case "polite":
		w.wellBehaved = true
	case "hold":
		w.letGo(false)
		w.held, w.known, w.onlyKnown = &hold{lanes: who, over: make(chan struct{})}, map[string]bool{}, false
	case "widen":
		if w.held != nil {
			w.held.lanes = ""
		}
	case "rehold":
		w.letGo(false)
		w.held, w.onlyKnown = &hold{over: make(chan struct{})}, true
	case "release":
		w.letGo(false)
	case "refuse":
		w.letGo(true)
	case "deny":
		w.denied[who] = true
	case "allow":
		delete(w.denied, who)
	}
}

func (h *hold) takes(of lanes, to string) bool {
	one, _, _ := of.contactOf(to)
	return h.lanes == "" || strings.Contains(h.lanes, one.name)
}

func (w *serverFaults) letGo(refuse bool) {
	if w.held != nil {
		w.held.refused = refuse
		close(w.held.over)
		w.held = nil
	}
}

func (w *serverFaults) onLogin(username, _ string) *inbox.Reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.denied[username] {
		return &inbox.Reply{Code: 535, Enhanced: "5.7.8", Text: "Username and password not accepted"}
	}
	return nil
}

func (w *serverFaults) calm() bool {
	select {
	case <-w.quiet:
		return true
	default:
		return false
	}
}

func (w *serverFaults) onRcpt(to string) *inbox.Reply {
	w.mu.Lock()
	w.tries[to]++
	draw, held, again := w.draw("rcpt", to), w.held, w.onlyKnown
	if held != nil && (again && !w.known[to] || !held.takes(w.lanes, to)) {
		held = nil
	}
	if held != nil && !again {
		w.known[to] = true
	}
	calm, wellBehaved := w.calm(), w.wellBehaved
	w.mu.Unlock()
	if held != nil {
		w.write(w.owners, owner{To: to, Second: again})
		<-held.over
		if held.refused {
			return &inbox.Reply{Code: 451, Enhanced: "4.7.1", Text: "Greylisted, please try again later"}
		}
		return nil
	}
	switch {
	case calm:
	case draw < 30:
		return &inbox.Reply{Code: 451, Enhanced: "4.7.1", Text: "Greylisted, please try again later"}
	case wellBehaved:
	case draw < 40:
		return &inbox.Reply{Cut: true}
	case draw < 55:
		return &inbox.Reply{Delay: time.Duration(draw) * 10 * time.Millisecond}
	}
	return nil
}

// hang is how long the longest answers take: long enough for a worker that was
// stopped or killed meanwhile to have been declared dead.
const hang = 25 * time.Second

// pastTheTask is how long a server takes that is slow and does nothing wrong: a worker that
// is being stopped has to keep its workflow task meanwhile, or its message is uncertain.
const pastTheTask = taskTimeout + 2*time.Second

// answerDelay is the longest of the ordinary answers.
const answerDelay = 2100 * time.Millisecond

func (w *serverFaults) onData(to []string, message []byte) *inbox.Reply {
	w.mu.Lock()
	for _, one := range to {
		delete(w.known, one)
	}
	draw, calm, wellBehaved := w.draw("data", strings.Join(to, ",")), w.calm(), w.wellBehaved
	w.mu.Unlock()
	hangs := !calm && !wellBehaved && draw >= 75 && draw < 78
	w.write(w.dots, dot{Time: time.Now().UTC(), MessageID: idOf(message), Hangs: hangs})
	switch {
	case calm:
	case draw >= 35 && draw < 70:
		return &inbox.Reply{Accept: true, Delay: time.Duration(draw) * answerDelay / 70}
	case wellBehaved && draw >= 70 && draw < 80:
		return &inbox.Reply{Accept: true, Delay: pastTheTask}
	case wellBehaved:
	case draw < 15:
		return &inbox.Reply{Code: 451, Enhanced: "4.3.0", Text: "Temporary local problem, please try again later"}
	case draw < 25: // at the dot: nothing was accepted, no reply
		w.note(message, false)
		return &inbox.Reply{Cut: true}
	case draw < 35: // after the dot: accepted, no reply
		w.note(message, true)
		return &inbox.Reply{Accept: true, Cut: true}
	case draw < 75:
		return &inbox.Reply{Code: 451, Enhanced: "4.3.0", Text: "Temporary local problem, please try again later", Delay: time.Second}
	case hangs: // and says yes in the end
		select {
		case <-time.After(hang):
		case <-w.quiet:
		}
		return &inbox.Reply{Accept: true}
	}
	return nil
}

// draw is between 0 and 999.
func (w *serverFaults) draw(phase, to string) int {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%d %s %s %d", w.seed, phase, to, w.tries[to])
	return int((hash.Sum64() ^ hash.Sum64()>>29) % 1000)
}

// note is written before the connection is cut: the judge has to find it.
func (w *serverFaults) note(message []byte, accepted bool) {
	w.write(w.record, cut{Time: time.Now().UTC(), MessageID: idOf(message), Accepted: accepted})
}

func idOf(message []byte) string {
	parsed, err := netmail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return ""
	}
	return bare(parsed.Header.Get("Message-Id"))
}

func (w *serverFaults) write(to *journal.Journal, line any) {
	if err := to.Append(line); err != nil {
		panic(err) // a cut without a record would be judged a breach
	}
}

// bare is a Message-ID without its angle brackets.
func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }
