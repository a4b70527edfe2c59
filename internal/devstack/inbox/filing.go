package inbox

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"relance/internal/devstack/journal"
)

// AnswersName is the file with one line for each answer that was put into a mailbox.
const AnswersName = "answers.jsonl"

// Answer is one line of that file.
type Answer struct {
	Time      time.Time `json:"time"` // when it could be read
	Mailbox   string    `json:"mailbox"`
	Kind      string    `json:"kind"` // "reply", "vacation" …
	From      string    `json:"from"`
	InReplyTo string    `json:"inReplyTo"` // the Message-ID of the message that caused it
}

// openAnswers makes the mailboxes and the record of what is put into them.
func (s *Server) openAnswers() (err error) {
	if s.mailboxes, err = openMailboxes(filepath.Join(s.options.Dir, "mailboxes")); err != nil {
		return err
	}
	s.answers, err = journal.Open(filepath.Join(s.options.Dir, AnswersName))
	return err
}

// onTheWay is the message as its recipients get it. Some providers give it another
// Message-ID on the way, and keep the first in a field of their own.
func (s *Server) onTheWay(message []byte) []byte {
	if !s.options.RewriteIDs {
		return message
	}
	header, body, found := bytes.Cut(message, []byte("\r\n\r\n"))
	if !found {
		return message
	}
	id := "<" + strings.ToLower(rand.Text()) + "@eu-west-1.amazonses.com>"
	header = messageIDField.ReplaceAll(header, []byte("Message-ID: "+id+"\r\nX-Microsoft-Original-Message-ID: $1"))
	return bytes.Join([][]byte{header, body}, []byte("\r\n\r\n"))
}

var messageIDField = regexp.MustCompile(`(?im)^message-id:[ \t]*(\S+)`)

// follow puts a copy of an accepted message into its sender's Sent, and what its
// recipients cause into the INBOX, a moment later.
func (s *Server) follow(username, from string, to []string, envelope string, message []byte) error {
	if s.mailboxes == nil {
		return nil
	}
	if err := s.mailboxes.remember(from, username); err != nil {
		return err
	}
	box, err := s.mailboxes.of(username)
	if err != nil {
		return err
	}
	seen := s.onTheWay(message)
	if _, err := box.file("Sent", seen, time.Now()); err != nil {
		return err
	}
	for _, address := range to {
		kind := localPart(address)
		write, ok := answers[kind]
		if !ok {
			continue
		}
		after, ok := s.moment(kind, address)
		if ok && !s.hasAnswered(kind, address, username) {
			s.later(after, func() { s.answer(box, kind, write, receive(seen, from, address, envelope, time.Now())) })
		}
	}
	return nil
}

// hasAnswered is true when a responder has written to this user before: it does so once
// (RFC 3834 §2; Exchange does until it is switched off).
func (s *Server) hasAnswered(kind, address, username string) bool {
	if kind != "vacation" {
		return false
	}
	_, before := s.responded.LoadOrStore(strings.ToLower(address+" "+username), true)
	return before
}

// moment is how long a recipient takes for an answer; false when there is none.
func (s *Server) moment(kind, address string) (time.Duration, bool) {
	if s.options.OnAnswer == nil {
		return s.options.Moment, true
	}
	return s.options.OnAnswer(kind, address)
}

// later runs after a while, or at the stop if that comes first.
func (s *Server) later(after time.Duration, run func()) {
	s.writing.Add(1)
	go func() {
		defer s.writing.Done()
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.stopped:
		}
		run()
	}()
}

func (s *Server) answer(box *mailbox, kind string, write func(*received) []byte, r *received) {
	if _, err := box.file("INBOX", write(r), time.Now()); err != nil {
		_ = s.report(err)
		return
	}
	entry := Answer{Time: time.Now().UTC(), Mailbox: r.sender, Kind: kind, From: r.to, InReplyTo: r.id()}
	if err := s.answers.Append(entry); err != nil {
		_ = s.report(err)
	}
}
