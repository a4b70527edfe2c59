package inbox

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// LogName is the file with one line for each accepted message.
const LogName = "log.jsonl"

// Entry is one line of the log.
type Entry struct {
	Time      time.Time `json:"time"`
	From      string    `json:"from"`      // of the envelope
	To        string    `json:"to"`        // of the envelope; several are joined by ", "
	MessageID string    `json:"messageId"` // as the header has it, with <>
	File      string    `json:"file"`      // beside the log
	Answered  bool      `json:"answered"`  // false: accepted, and the connection cut instead of saying so
}

// store keeps a message. The file is there, whole, before the log names it.
func (s *Server) store(from string, to []string, message []byte, answered bool) error {
	now := time.Now().UTC()
	// Sorts by time; the random part keeps two processes apart.
	name := fmt.Sprintf("%s-%s.eml", now.Format("20060102T150405.000000000"), strings.ToLower(rand.Text()[:6]))
	path := filepath.Join(s.options.Dir, name)
	if err := os.WriteFile(path+".part", message, 0o644); err != nil {
		return s.report(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return s.report(err)
	}
	err := s.journal.Append(Entry{
		Time: now, From: from, To: strings.Join(to, ", "),
		MessageID: messageID(message), File: name, Answered: answered,
	})
	if err != nil {
		return s.report(err)
	}
	s.accepted.Add(1)
	return nil
}

// report writes a fault down where people see it: the client learns no more
// than that there is no room.
func (s *Server) report(err error) error {
	s.smtp.ErrorLog.Printf("a message was not kept: %v", err)
	return err
}

func messageID(message []byte) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return "" // not a message, which is no reason to lose it
	}
	return strings.TrimSpace(parsed.Header.Get("Message-Id"))
}
