// Package reply says what a mail server's reply means to an outreach engine.
//
// It owns one idea: from phase, code, enhanced code and words to a verdict with a
// reason. It knows nothing of connections, retries, accounts or contacts, and of the
// project it imports the verdicts only: what follows from one stands there.
package reply

import (
	"strconv"
	"strings"
	"time"

	"relance/internal/verdict"
)

// Phase is the point of the SMTP dialogue at which the server replied.
type Phase string

// The phases, in the order in which a session meets them (RFC 5321 §3, RFC 3207, RFC 4954).
const (
	Connect  Phase = "connect"  // the greeting
	Ehlo     Phase = "ehlo"     // EHLO or HELO
	StartTLS Phase = "starttls" // STARTTLS
	Auth     Phase = "auth"     // AUTH and its continuation lines
	Mail     Phase = "mail"     // MAIL FROM: the sender
	Rcpt     Phase = "rcpt"     // RCPT TO: the recipient
	Data     Phase = "data"     // DATA, before the text
	Dot      Phase = "dot"      // after the text and its final dot
)

// Phases returns every phase, in the order in which a session meets them.
func Phases() []Phase {
	return []Phase{Connect, Ehlo, StartTLS, Auth, Mail, Rcpt, Data, Dot}
}

// Reply is what a server said. An empty Phase is read as Rcpt, where most refusals are
// made; an empty Enhanced is looked for at the beginning and the end of Text.
type Reply struct {
	Phase    Phase
	Code     int    // the basic code, RFC 5321 §4.2: 200 to 599
	Enhanced string // the enhanced status code, RFC 3463: "5.1.1", or ""
	Text     string // the server's words; lines are parted by "\n"
}

// New is a reply as it came over the wire: its basic code, and its words, whose lines are
// parted by "\n". Unlike Parse it takes the words as they are: a backslash is a backslash.
func New(phase Phase, code int, words string) Reply {
	var lines []string
	for line := range strings.FieldsFuncSeq(words, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines, "\n")
	return Reply{Phase: phase, Code: code, Enhanced: enhancedOf(code, text), Text: text}
}

// Line is the reply on one line: the code, and the server's words, which begin with the
// enhanced code where the server has given one.
func (r Reply) Line() string {
	return strings.TrimSpace(strconv.Itoa(r.Code) + " " + strings.Join(strings.Fields(r.Text), " "))
}

// Verdict is what a reply means to the engine: see verdict.Verdict, where each has its
// consequence.
type Verdict = verdict.Verdict

// The verdicts that a reply can have, by the names that the rules use.
const (
	AccountError  = verdict.AccountError
	AccountLimit  = verdict.AccountLimit
	HardBounce    = verdict.HardBounce
	SoftBounce    = verdict.SoftBounce
	Transient     = verdict.Transient
	PolicyBlock   = verdict.PolicyBlock
	MessageDefect = verdict.MessageDefect
)

// Judgement is the verdict on a reply and the rule's reason for it.
type Judgement struct {
	Verdict Verdict
	// Reason is one clause for people: "the server says that this mailbox does not exist (RFC 3463 X.1.1)".
	Reason string
	// RetryAfter is how long to wait before the next try (greylisting) or how long the
	// account rests (AccountLimit), as the server says or as its words suggest; 0 when
	// there is nothing to go by and the caller's own backoff applies.
	RetryAfter time.Duration
}
