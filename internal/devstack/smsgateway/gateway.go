// Package smsgateway is an HTTP server that takes text messages as Twilio's
// API does, keeps them in a directory and misbehaves on request. It never sends
// anything anywhere.
//
// The last digits of the recipient's number decide:
//
//	…0429   429, code 20429, Retry-After: 5
//	…0500   500, code 20500
//	…0211   400, code 21211: not a number that can be texted
//	…0610   400, code 21610: the recipient has opted out
//	…0000   no answer: the message is accepted and the connection is cut
//
// Anything else that looks like an E.164 number is accepted: one line in
// log.jsonl, written before the answer.
package smsgateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"relance/internal/devstack/journal"
	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--sms-port"

// The only account.
const (
	AccountSID = "ACrelance"
	AuthToken  = "sms"
)

// LogName is the file with one line for each accepted message.
const LogName = "log.jsonl"

// Options of a gateway. Only Dir is needed.
type Options struct {
	Dir  string    // where the log is; made when missing
	Port int       // 0 = any free one
	Log  io.Writer // faults of the server itself; may be nil
}

// Entry is one line of the log.
type Entry struct {
	Time     time.Time `json:"time"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Text     string    `json:"text"`
	SID      string    `json:"sid"`
	Answered bool      `json:"answered"` // false: accepted, and the connection cut instead of saying so
}

// Server is a running gateway.
type Server struct {
	http     *http.Server
	journal  *journal.Journal
	number   int
	accepted atomic.Int64
	serving  chan struct{}
	stopping sync.Once
	stopErr  error
}

// Start listens on 127.0.0.1. It returns *port.Taken when o.Port is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	listener, err := port.Listen(ctx, Flag, o.Port)
	if err != nil {
		return nil, err
	}
	record, err := journal.Open(filepath.Join(o.Dir, LogName))
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("open the SMS gateway: %w", err)
	}
	s := &Server{
		journal: record, serving: make(chan struct{}),
		number: port.Of(listener),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{sid}/Messages.json", s.create)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.NewTextHandler(o.Log, nil), slog.LevelWarn)}
	go func() {
		defer close(s.serving)
		_ = s.http.Serve(listener) // ends when it is shut down
	}()
	return s, nil
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.number }

// Addr is host:port.
func (s *Server) Addr() string { return port.Addr(s.number) }

// URL is the base address that a client is given.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Accepted counts the accepted messages of this process.
func (s *Server) Accepted() int { return int(s.accepted.Load()) }

// Stop ends the server and waits for the requests at hand. It may be called
// twice.
func (s *Server) Stop() error {
	s.stopping.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		err := s.http.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = s.http.Close()
		}
		<-s.serving
		s.stopErr = errors.Join(err, s.journal.Close())
	})
	return s.stopErr
}
