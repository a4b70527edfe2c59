// Package inbox is an SMTP server that keeps what it is sent in a directory and
// misbehaves on request, so that every outcome of a delivery can be seen.
//
// A recipient whose local part (before "+") is one of these gets:
//
//	bounce     550 5.1.1 to RCPT
//	greylist   451 4.7.1 to RCPT, each time
//	full       452 4.2.2 to RCPT
//	blocked    554 5.7.1 after the final dot
//	drop       no answer: the message is accepted and the connection is cut
//	slow       the answer after some seconds
//
// Anything else is accepted: one .eml and one line in log.jsonl, both written
// before the answer. It never sends anything anywhere.
//
// With Options.Mailboxes it keeps a mailbox for each user that logs in, and serves it over
// IMAP: a copy of each accepted message in Sent, and in INBOX, a moment later, what a
// recipient whose local part is one of these causes:
//
//	reply         a person's answer
//	vacation      an out of office reply with a date, once
//	left          the automatic reply of somebody who has left the company
//	bounce-later  a delivery status notification: failed, 5.1.1 (RFC 3464)
//	delayed       one that says that it is tried further
//	complain      a complaint (RFC 5965)
//	unsubscribe   what a mail client's button sends, or else a person's request
package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-smtp"

	"relance/internal/devstack/journal"
	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--smtp-port"

// Password is the only one that is accepted, for any user name.
const Password = "inbox"

// Options of an inbox. Only Dir is needed. The hooks are for tests: a nil
// answer leaves the built-in behaviour as it is. They may be called from
// several goroutines.
type Options struct {
	Dir  string        // where mail lands; made when missing
	Port int           // 0 = any free one
	Log  io.Writer     // faults of the server itself; may be nil
	Slow time.Duration // what "slow" means; 5 s when 0

	Mailboxes  bool          // serve mailboxes over IMAP, and answer into them
	IMAPPort   int           // 0 = any free one
	Moment     time.Duration // after which an answer comes; 2 s when 0
	RewriteIDs bool          // recipients and Sent get another Message-ID, as Amazon SES and Outlook do

	OnLogin func(username, password string) *Reply
	OnMail  func(from string) *Reply
	OnRcpt  func(to string) *Reply
	OnData  func(to []string, message []byte) *Reply // after the final dot, before anything is kept

	// OnToken says whether an access token is good for a user, for logins by XOAUTH2 and
	// OAUTHBEARER; nil offers neither.
	OnToken func(username, token string) bool

	OnBrokenOff func(to []string) // the client went away after DATA and before the final dot

	// OnAnswer says how long a recipient takes for an answer of a kind, and false when it
	// answers this message not at all. Without it each is answered after Moment.
	OnAnswer func(kind, to string) (after time.Duration, answers bool)
	// OnRead hears of commands that read a mailbox, as they come in: "LIST", "SELECT INBOX",
	// "IDLE". Connections are numbered by process.
	OnRead func(username string, connection int64, command string)
}

// Server is a running inbox.
type Server struct {
	options       Options
	misbehaviours map[string]misbehaviour
	smtp          *smtp.Server
	listener      net.Listener
	journal       *journal.Journal
	number        int

	mailboxes    *mailboxes // nil without
	answers      *journal.Journal
	responded    sync.Map
	imap         *imapserver.Server
	imapListener net.Listener
	imapServing  chan struct{}

	logins, connections, accepted, readers atomic.Int64

	mu       sync.Mutex
	writing  sync.WaitGroup // messages that are being received
	stopped  chan struct{}
	serving  chan struct{}
	stopping sync.Once
}

// Start listens on 127.0.0.1. It returns *port.Taken when o.Port is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Slow == 0 {
		o.Slow = 5 * time.Second
	}
	if o.Moment == 0 {
		o.Moment = 2 * time.Second
	}
	listener, err := port.Listen(ctx, Flag, o.Port)
	if err != nil {
		return nil, err
	}
	record, err := journal.Open(filepath.Join(o.Dir, LogName))
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("open the inbox: %w", err)
	}
	s := &Server{
		options: o, misbehaviours: misbehaviours(o.Slow), journal: record, listener: listener,
		number:  port.Of(listener),
		stopped: make(chan struct{}), serving: make(chan struct{}),
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: conn}, nil
	}))
	s.smtp.Domain = "inbox.localhost"
	s.smtp.AllowInsecureAuth = true // nothing leaves this machine
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.EnableDSN = true
	s.smtp.MaxMessageBytes = 32 << 20
	s.smtp.MaxRecipients = 100
	s.smtp.ReadTimeout = 5 * time.Minute // RFC 5321 §4.5.3.2.7
	s.smtp.WriteTimeout = time.Minute
	s.smtp.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(o.Log, nil), slog.LevelWarn)
	if o.Mailboxes {
		if err := errors.Join(s.openAnswers(), s.startIMAP(ctx)); err != nil {
			_ = listener.Close()
			_ = record.Close()
			return nil, fmt.Errorf("open the mailboxes: %w", err)
		}
	}
	go func() {
		defer close(s.serving)
		_ = s.smtp.Serve(&counting{Listener: listener, count: &s.connections}) // ends when it is closed
	}()
	return s, nil
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.number }

// Addr is host:port.
func (s *Server) Addr() string { return port.Addr(s.number) }

// Logins counts the successful logins of this process.
func (s *Server) Logins() int { return int(s.logins.Load()) }

// Connections counts the accepted connections of this process.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Accepted counts the accepted messages of this process.
func (s *Server) Accepted() int { return int(s.accepted.Load()) }

// Stop closes all connections and returns when nothing more is written. It may
// be called twice.
func (s *Server) Stop() {
	s.stopping.Do(func() {
		s.mu.Lock()
		close(s.stopped)
		s.mu.Unlock()
		_ = s.smtp.Close()
		_ = s.listener.Close() // the library forgets one that it is only about to serve
		<-s.serving
		s.writing.Wait()
		s.stopIMAP()
		_ = s.journal.Close()
		if s.answers != nil {
			_ = s.answers.Close()
		}
	})
}

// begin announces a message; after Stop there are no new ones.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopped:
		return false
	default:
		s.writing.Add(1)
		return true
	}
}

// counting counts what it accepts.
type counting struct {
	net.Listener
	count *atomic.Int64
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.count.Add(1)
	}
	return conn, err
}
