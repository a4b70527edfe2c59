package operator

import (
	"time"

	"relance/internal/inbound"
)

// ExplainedMail is a mail that has come in, and what it is.
type ExplainedMail struct {
	From       string   `json:"from"`
	Subject    string   `json:"subject"`
	MessageID  string   `json:"messageId"`
	InReplyTo  []string `json:"inReplyTo"`
	References []string `json:"references"` // newest first

	inbound.Verdict

	// Answer is what the sender has written: without quotes and signature.
	Answer string `json:"answer"`
}

// ExplainMail says what a mail is, as the reader would judge it. Addresses are those of
// the email account that got it, so that its own mails are known; there may be none. It
// asks no server and no database, and it never fails: what cannot be read is said to be
// unreadable.
func ExplainMail(raw []byte, addresses []string) ExplainedMail {
	m, v := inbound.Judge(raw, time.Time{}, inbound.Self{Addresses: addresses})
	e := ExplainedMail{Subject: m.Subject, MessageID: m.MessageID, InReplyTo: list(m.InReplyTo), References: list(m.References), Verdict: v, Answer: m.Answer}
	if len(m.From) > 0 {
		e.From = m.From[0].Address
	}
	return e
}
