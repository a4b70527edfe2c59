// Package reply says what a mail server's reply means to an outreach engine.
//
// It owns one idea: from phase, code, enhanced code and words to a verdict with a
// reason. It knows nothing of connections, retries, accounts or contacts, and imports
// none of the engine's packages: what follows from a verdict is decided elsewhere.
package reply

import "time"

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

// Verdict is what a reply means to the engine. Each has one consequence.
type Verdict string

const (
	// AccountError is a fault of the sending account or its domain, which someone has to mend.
	AccountError Verdict = "account_error"
	// AccountLimit says that the sending account has sent enough for now and has to rest.
	AccountLimit Verdict = "account_limit"
	// HardBounce says that the recipient's address does not work and will not.
	HardBounce Verdict = "hard_bounce"
	// SoftBounce says that the recipient's mailbox cannot take the message now.
	SoftBounce Verdict = "soft_bounce"
	// Transient is a technical failure of the server, which passes by itself.
	Transient Verdict = "transient"
	// PolicyBlock says that the receiving side does not want the message or its origin.
	PolicyBlock Verdict = "policy_block"
	// MessageDefect says that the message itself cannot be accepted as it is.
	MessageDefect Verdict = "message_defect"
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
