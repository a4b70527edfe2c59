package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/journal"
)

// looksName is the record of complete looks, dotsName that of final dots, both beside the
// inbox's log.
const (
	looksName = "looks.jsonl"
	dotsName  = "dots.jsonl"
)

// look is one look at a mailbox, as the inbox has seen it: Began when INBOX was opened,
// Complete when the same connection went on to wait for mail or to the next look, which it does
// only when everything had been kept. What lay in INBOX before Began, the look has seen.
type look struct {
	Mailbox    string    `json:"mailbox"`
	Connection int64     `json:"connection"`
	Began      time.Time `json:"began"`
	Complete   time.Time `json:"complete"`
}

// dot is the arrival of a whole message, before anything is said about it.
type dot struct {
	Time      time.Time `json:"time"`
	MessageID string    `json:"messageId"`
	// Hangs is true when the answer takes long: whatever ends the inbox meanwhile cuts it off.
	Hangs bool `json:"hangs,omitempty"`
}

// serverMailboxes are the inbox's mailboxes: when recipients answer, and how they are read.
type serverMailboxes struct {
	seed   uint64
	looks  *journal.Journal
	server *inbox.Server

	mu    sync.Mutex
	mails map[string]int      // by recipient
	open  map[int64]time.Time // by connection: when INBOX was opened
}

func newServerMailboxes(dir string, seed uint64) (m *serverMailboxes, err error) {
	m = &serverMailboxes{seed: seed, mails: map[string]int{}, open: map[int64]time.Time{}}
	m.looks, err = journal.Open(filepath.Join(dir, looksName))
	return m, err
}

func (m *serverMailboxes) onAnswer(_, to string) (time.Duration, bool) {
	m.mu.Lock()
	m.mails[to]++
	mail := m.mails[to]
	m.mu.Unlock()
	return moment(m.seed, to, mail)
}

func (m *serverMailboxes) onRead(username string, connection int64, command string) {
	now := time.Now().UTC()
	m.mu.Lock()
	began, opened := m.open[connection]
	switch command {
	case "SELECT INBOX":
		m.open[connection] = now
	default:
		delete(m.open, connection)
	}
	m.mu.Unlock()
	if opened && (command == "IDLE" || command == "LIST") {
		if err := m.looks.Append(look{Mailbox: username, Connection: connection, Began: began, Complete: now}); err != nil {
			panic(err) // a mail after a look that is not recorded would be no finding
		}
	}
}

// command is what the lab says: move LANE, or garbage LANE N.
func (m *serverMailboxes) command(line string) {
	var lane string
	var n int
	switch {
	case strings.HasPrefix(line, "move "):
		m.must(m.server.Move(accountOf(strings.TrimPrefix(line, "move "))))
	case strings.HasPrefix(line, "garbage "):
		if _, err := fmt.Sscanf(line, "garbage %s %d", &lane, &n); err != nil {
			panic(err)
		}
		m.must(m.server.Deliver(accountOf(lane), garbage[n%len(garbage)](n)))
	}
}

func (m *serverMailboxes) must(err error) {
	if err != nil {
		panic(err)
	}
}
