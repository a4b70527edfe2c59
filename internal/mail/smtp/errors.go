package smtp

import (
	"errors"
	"fmt"

	"relance/internal/mail/reply"
)

// ErrClosed is why a Send on a closed pool is Unreachable.
var ErrClosed = errors.New("the mail pool is closed")

// Refused says that the server answered 4xx or 5xx in some phase: definite, nothing
// was accepted.
type Refused struct{ Reply reply.Reply }

func (e *Refused) Error() string {
	return fmt.Sprintf("the mail server refused %s: %s", subjectOf(e.Reply.Phase), e.Reply.Line())
}

// Unreachable says that the conversation ended without an answer before the final dot
// can have been written: definite, nothing was accepted.
type Unreachable struct {
	// Phase is what was being waited for.
	Phase reply.Phase
	Err   error
	// Account is true when the settings of the account or of its server are at fault, and
	// trying again cannot help: a certificate, no STARTTLS, no login, no such host.
	Account bool
}

func (e *Unreachable) Error() string {
	if e.Account {
		return e.Err.Error()
	}
	return fmt.Sprintf("the mail server could not be talked to (at %s): %v", subjectOf(e.Phase), e.Err)
}

func (e *Unreachable) Unwrap() error { return e.Err }

// Unanswered says that the final dot was written, or may have been, and that no complete
// answer came: the message may or may not have been accepted (law 4).
type Unanswered struct{ Err error }

func (e *Unanswered) Error() string {
	return fmt.Sprintf("the message was handed over, but the mail server's answer did not come: %v", e.Err)
}

func (e *Unanswered) Unwrap() error { return e.Err }

// subjectOf names a phase for people.
func subjectOf(phase reply.Phase) string {
	switch phase {
	case reply.Connect:
		return "the connection"
	case reply.Ehlo:
		return "the greeting"
	case reply.StartTLS:
		return "encryption"
	case reply.Auth:
		return "the login"
	case reply.Mail:
		return "the sender"
	case reply.Rcpt:
		return "the recipient"
	case reply.Data:
		return "the transfer of the message"
	case reply.Dot:
		return "the message"
	}
	return "the conversation"
}

// shorten keeps an error on one line of a screen.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
