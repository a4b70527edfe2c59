package smtp

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"relance/internal/mail/dial"
	"relance/internal/mail/reply"
	"relance/internal/plaintext"
)

// session is one SMTP conversation: a connection, and what its server can do. One
// goroutine uses it at a time.
//
// The client of emersion/go-smtp is not used, though we know it well: its data writer
// puts the body into a buffer that nothing but its Close flushes, and Close writes the
// rest of the body together with the final dot, so that a gate before the dot would open
// before the body is out. It reads nothing between DATA and the dot, where servers say
// 421 or 552, takes only the code 250 for a yes, and gives up on "250" without words,
// where the message has been accepted. And any command after DATA, RSET or QUIT, closes
// its data writer first: a polite goodbye would send the dot that the gate refused. So
// the eight commands that a client needs are spoken here, and law 1 is in transaction.go
// where it can be read. The mechanisms of AUTH are go-sasl's.
type session struct {
	// conn is what is spoken over; wire is the TCP connection below its TLS, or the same.
	conn, wire net.Conn
	in         *bufio.Reader
	opts       options
	// offers are the server's extensions: keyword in upper case to its parameters.
	offers map[string]string
	// secrets are taken out of the server's words until the login is done; tell takes
	// its steps.
	secrets []string
	tell    func(Step)
	// carried counts the messages; broken is true when the session cannot be used again.
	carried int
	broken  bool
	// aborted is true from the moment the caller has given up.
	aborted atomic.Bool
}

func newSession(conn net.Conn, opts options) *session {
	return &session{conn: conn, wire: conn, in: bufio.NewReaderSize(conn, 4096), opts: opts}
}

// errNoReply is why a conversation ended: what came was not SMTP.
var errNoReply = errors.New("what the server said is no SMTP reply")

// exchange says a line and hears the reply to it, which has to be of the class: '2', '3'
// where the server asks for more, or 0 where it may be either. A 4xx or 5xx is a *Refused; anything else is
// *Unreachable, because then the two sides do not speak of the same thing. The command
// must have no CR or LF: its parts are parsed addresses, base64 and our own words.
func (s *session) exchange(phase reply.Phase, command string, class byte) (reply.Reply, error) {
	if s.in.Buffered() > 0 {
		// An unsolicited reply: from here on every reply would be taken for another's.
		return reply.Reply{}, s.lost(phase, errNoReply)
	}
	s.deadline(s.opts.commandTime)
	if _, err := s.conn.Write([]byte(command + "\r\n")); err != nil {
		// A server that has had enough says why before it hangs up.
		if last, readErr := s.hear(phase); readErr == nil && last.Code >= 400 {
			s.broken = true
			return last, &Refused{Reply: last}
		}
		return reply.Reply{}, s.lost(phase, err)
	}
	return s.expect(phase, class)
}

// command is one line of the conversation and what its reply should be; see exchange.
type command struct {
	phase reply.Phase
	line  string
	class byte
}

// exchangeAll sends several commands, pipelined where the server allows that
// (PIPELINING, RFC 2920 §3.1), and reads all replies. It returns the error of the first
// that is not what it should be, and which one that was. None of the commands may be
// one that has to come last in a group, as DATA does.
func (s *session) exchangeAll(commands []command) (failed int, err error) {
	if !s.offered("PIPELINING") {
		for i, c := range commands {
			if _, err := s.exchange(c.phase, c.line, c.class); err != nil {
				return i, err
			}
		}
		return 0, nil
	}
	lines := make([]string, len(commands))
	for i, c := range commands {
		lines[i] = c.line
	}
	_, err = s.exchange(commands[0].phase, strings.Join(lines, "\r\n"), commands[0].class)
	for i, c := range commands[1:] {
		if s.broken {
			break // nothing more will be heard
		}
		if _, later := s.expect(c.phase, c.class); err == nil && later != nil {
			failed, err = i+1, later
		}
	}
	return failed, err
}

// expect hears one reply and judges it as exchange does.
func (s *session) expect(phase reply.Phase, class byte) (reply.Reply, error) {
	return s.expectWithin(s.opts.commandTime, phase, class)
}

func (s *session) expectWithin(d time.Duration, phase reply.Phase, class byte) (reply.Reply, error) {
	s.deadline(d)
	answer, err := s.hear(phase)
	if err != nil {
		return answer, s.lost(phase, err)
	}
	return answer, s.judge(answer, class)
}

func (s *session) judge(answer reply.Reply, class byte) error {
	switch {
	case answer.Code >= 400:
		// 421 announces that the server hangs up (RFC 5321 §3.8).
		s.broken = s.broken || answer.Code == 421
		return &Refused{Reply: answer}
	case class != 0 && answer.Code/100 != int(class-'0'):
		return s.lost(answer.Phase, fmt.Errorf("the server said %d where that says nothing", answer.Code))
	}
	return nil
}

// hear reads one reply, however long.
func (s *session) hear(phase reply.Phase) (reply.Reply, error) {
	code, words, err := readReply(s.in)
	if err != nil {
		return reply.Reply{Phase: phase}, err
	}
	switch phase {
	case reply.Connect, reply.StartTLS, reply.Auth:
		words = s.hidden(words)
	case reply.Ehlo:
		if code >= 400 { // else they are what the server offers, and are read
			words = s.hidden(words)
		}
	case reply.Mail, reply.Rcpt, reply.Data, reply.Dot:
	}
	return reply.New(phase, code, words), nil
}

// hide has a secret taken out of what the server says, as it is and in base64: one that
// repeats what it was sent, now or the time before, must not repeat it into a note, a
// page or a log.
func (s *session) hide(secret string) {
	for _, form := range []string{base64.StdEncoding.EncodeToString([]byte(secret)), secret} {
		if len(form) >= 4 {
			s.secrets = append(s.secrets, form)
		}
	}
	// The longest first: one may hold another.
	slices.SortFunc(s.secrets, func(a, b string) int { return len(b) - len(a) })
}

// hidden is what the server says without the secrets.
func (s *session) hidden(words string) string {
	for _, secret := range s.secrets {
		words = strings.ReplaceAll(words, secret, "(hidden)")
		if plain := plaintext.Text(secret, 0); len(plain) >= 4 { // as the words have become plain text
			words = strings.ReplaceAll(words, plain, "(hidden)")
		}
	}
	return words
}

// lost is the end of the conversation before the dot.
func (s *session) lost(phase reply.Phase, err error) error {
	s.broken = true
	return &Unreachable{Phase: phase, Err: dial.Plain(err)}
}

// deadline is when reads and writes fail, unless the caller has given up already.
func (s *session) deadline(d time.Duration) { s.deadlines(time.Now().Add(d), time.Now().Add(d)) }

func (s *session) deadlines(read, write time.Time) {
	// These fail only on a closed connection, as the next read or write will.
	_ = s.wire.SetReadDeadline(read)
	_ = s.wire.SetWriteDeadline(write)
	if s.aborted.Load() { // between the two lines above the abort's own deadline may have been lost
		_ = s.wire.SetDeadline(past)
	}
}

var past = time.Unix(1, 0)

// offered is true when the server has announced the extension.
func (s *session) offered(keyword string) bool { _, ok := s.offers[keyword]; return ok }

// abortWith makes reads and writes fail as soon as ctx is done. The returned function
// ends that and is false when ctx was done first: then the connection is no good any more.
func (s *session) abortWith(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, func() {
		s.aborted.Store(true)
		_ = s.wire.SetDeadline(past)
	})
}

// quit says goodbye and hangs up. What the server thinks of it changes nothing.
func (s *session) quit() {
	if !s.broken {
		s.opts.commandTime = min(s.opts.commandTime, 5*time.Second)
		_, _ = s.exchange(reply.Connect, "QUIT", '2')
	}
	s.hangUp()
}

func (s *session) hangUp() {
	s.broken = true
	_ = s.conn.Close() // the conversation is over, one way or the other
}

// givenUp is the caller's own end of a conversation, before anything was accepted.
func givenUp(ctx context.Context) error {
	return fmt.Errorf("given up before the message was handed over: %w", ctx.Err())
}
