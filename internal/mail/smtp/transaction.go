package smtp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"relance/internal/mail"
	"relance/internal/mail/dial"
	"relance/internal/mail/reply"
)

// transaction is what one message needs on the wire.
type transaction struct {
	from, to mail.Mailbox
	id       string
	message  []byte
	gate     func(context.Context) error
}

// errStale says that a connection which had rested was not there any more: nothing of
// the message has been said that counts, and another connection can have it.
var errStale = errors.New("the resting connection has ended")

// transact sends one message (a mail transaction, RFC 5321 §3.3) and returns the reply to its dot. Up to the gate ctx ends
// it; from the moment the gate has opened nothing but the timeouts does.
func (s *session) transact(ctx context.Context, t transaction) (reply.Reply, error) {
	s.carried++
	release := s.abortWith(ctx)
	heard, err := s.transfer(t)
	if !release() {
		s.hangUp() // a deadline in the past may still be on its way
		return reply.Reply{}, givenUp(ctx)
	}
	if err != nil {
		return reply.Reply{}, err
	}
	return s.dot(ctx, heard, t.gate)
}

// hearing is what the server has said before the dot, or why it has said nothing.
type hearing struct {
	answer reply.Reply
	err    error
	silent bool // not a byte had come when the listening was ended
}

// transfer says everything but the final dot. When it returns without an error the whole
// body is with the kernel, and what the server says before the dot goes to the channel.
func (s *session) transfer(t transaction) (<-chan hearing, error) {
	from := "MAIL FROM:<" + t.from.String() + ">"
	if s.offered("SIZE") {
		from += " SIZE=" + strconv.Itoa(len(t.message)) // RFC 1870: too large is known before it is sent
	}
	if t.from.NeedsUTF8() || t.to.NeedsUTF8() {
		if !s.offered("SMTPUTF8") {
			return nil, &mail.Undeliverable{Reason: "an address has letters beyond ASCII before its @, and the sender's mail server cannot send to such addresses (SMTPUTF8, RFC 6531)"}
		}
		from += " SMTPUTF8"
	}
	to := "RCPT TO:<" + t.to.String() + ">"
	if id := xtext(t.id); id != "" && len(id) <= longestEnvelopeID && s.offered("DSN") {
		from += " RET=HDRS ENVID=" + id // RFC 3461 §4.3, §4.4
		to += " NOTIFY=FAILURE,DELAY"   // RFC 3461 §4.1
	}
	envelope := []command{{reply.Mail, from, '2'}, {reply.Rcpt, to, '2'}}
	reused := s.carried > 1
	if reused {
		// It clears what an earlier message has left (RFC 5321 §4.1.1.5), and its reply says
		// that the connection still lives.
		envelope = append([]command{{reply.Mail, "RSET", '2'}}, envelope...)
	}
	if failed, err := s.exchangeAll(envelope); err != nil {
		if reused && failed == 0 {
			s.hangUp() // the server has left meanwhile, which is its right
			return nil, errStale
		}
		return nil, err
	}
	if _, err := s.exchange(reply.Data, "DATA", '3'); err != nil {
		return nil, err
	}
	// From here on a command would be a line of the message: whatever goes wrong now, the
	// connection is closed, never reused and never said goodbye to.
	heard := make(chan hearing, 1)
	s.deadlines(time.Time{}, time.Now().Add(s.opts.commandTime)) // the gate may take its time
	go func() {
		if _, err := s.in.Peek(1); err != nil {
			heard <- hearing{err: err, silent: errors.Is(err, os.ErrDeadlineExceeded)}
			return
		}
		answer, err := s.hear(reply.Data)
		heard <- hearing{answer: answer, err: err}
	}()
	if _, err := s.conn.Write(stuffed(t.message)); err != nil {
		s.deadline(min(s.opts.commandTime, 5*time.Second)) // for the reason, if there is one
		h := <-heard
		s.hangUp()
		if h.err != nil {
			return nil, s.lost(reply.Data, err)
		}
		return nil, s.early(h)
	}
	return heard, nil
}

// longestEnvelopeID is how long an ENVID may be (RFC 3461 §4.4).
const longestEnvelopeID = 100

// xtext writes ASCII as a parameter of SMTP may have it (RFC 3461 §4); anything else is empty.
func xtext(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		switch {
		case b < '!' || b > '~':
			return ""
		case b == '+' || b == '=':
			fmt.Fprintf(&out, "+%02X", b)
		default:
			out.WriteByte(b)
		}
	}
	return out.String()
}

// dot passes the gate, ends the message and waits for the answer. This is law 1: the dot
// is written after the gate's commit, in one write of its own, and never without it.
func (s *session) dot(ctx context.Context, heard <-chan hearing, gate func(context.Context) error) (reply.Reply, error) {
	if err := s.spoken(heard); err != nil {
		return reply.Reply{}, err
	}
	if err := gate(ctx); err != nil {
		s.hangUp() // not QUIT: it would be a line of the message
		return reply.Reply{}, err
	}
	// The server may have given up while the gate took its time. Nothing has been
	// accepted then, and that is better known than asked. What was read before the dot
	// never counts as its answer (laws 1 and 4), so the listening ends before it.
	if err := s.silence(heard); err != nil {
		return reply.Reply{}, err
	}
	s.deadline(s.opts.answerTime)
	_, writeErr := s.conn.Write([]byte(".\r\n"))
	answer, err := s.hear(reply.Dot)
	switch {
	case err == nil && answer.Code/100 == 2:
		return answer, nil
	case err == nil && answer.Code >= 400:
		return reply.Reply{}, s.judge(answer, '2')
	}
	s.hangUp()
	switch {
	case writeErr != nil:
		return reply.Reply{}, &Unanswered{Err: dial.Plain(writeErr)}
	case err != nil:
		return reply.Reply{}, &Unanswered{Err: dial.Plain(err)}
	}
	return reply.Reply{}, &Unanswered{Err: fmt.Errorf("the server said %d, which is neither yes nor no", answer.Code)}
}

// silence ends the listening before the dot. Its error is what the server has said.
func (s *session) silence(heard <-chan hearing) error {
	_ = s.wire.SetReadDeadline(past) // fails only on a closed connection, as the next read will
	h := <-heard
	if h.silent {
		return nil
	}
	s.hangUp()
	return s.early(h)
}

// spoken is what the server has said although the dot has not been written, or that it
// has hung up.
func (s *session) spoken(heard <-chan hearing) error {
	select {
	case h := <-heard:
		s.hangUp()
		return s.early(h)
	default:
		return nil
	}
}

// early is a reply, or an end, that came before the dot: definite.
func (s *session) early(h hearing) error {
	if h.err != nil {
		return s.lost(reply.Data, h.err)
	}
	return s.judge(h.answer, '4') // a yes to a message that has no end is no answer to anything
}

// stuffed is the message with its lines that begin with a dot doubled (RFC 5321 §4.5.2),
// up to and with its last CRLF.
func stuffed(message []byte) []byte {
	var out bytes.Buffer
	buffer := bufio.NewWriter(&out)
	writer := textproto.NewWriter(buffer).DotWriter()
	_, _ = writer.Write(message) // into memory
	_ = writer.Close()
	return bytes.TrimSuffix(out.Bytes(), []byte(".\r\n"))
}
