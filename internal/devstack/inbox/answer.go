package inbox

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"
)

// answers are what a recipient causes, by the local part of the address, before any "+".
var answers = map[string]func(*received) []byte{
	"reply":        humanReply,
	"vacation":     vacationReply,
	"left":         leftReply,
	"bounce-later": func(r *received) []byte { return statusReport(r, failedLater) },
	"delayed":      func(r *received) []byte { return statusReport(r, delayed) },
	"complain":     feedbackReport,
	"unsubscribe":  unsubscribeRequest,
}

// received is a message that was accepted for one recipient.
type received struct {
	raw      []byte
	header   mail.Header
	sender   string // of the envelope
	to       string // of the envelope
	envelope string // ENVID of RFC 3461, if the sender gave one
	at       time.Time
}

func receive(raw []byte, sender, to, envelope string, at time.Time) *received {
	r := &received{raw: raw, sender: sender, to: to, envelope: envelope, at: at}
	if parsed, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		r.header = parsed.Header
	}
	return r
}

func (r *received) id() string { return strings.TrimSpace(r.header.Get("Message-Id")) }

// domain is that of the recipient.
func (r *received) domain() string { return r.to[strings.LastIndex(r.to, "@")+1:] }

// subject is the decoded one.
func (r *received) subject() string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(r.header.Get("Subject"))
	if err != nil {
		return r.header.Get("Subject")
	}
	return decoded
}

// name is that of the recipient, as the sender has written it, or else the address.
func (r *received) name() string {
	if list, err := r.header.AddressList("To"); err == nil && len(list) > 0 && list[0].Name != "" {
		return list[0].Name
	}
	return r.to
}

// lines writes header fields and text with the line ends of a message.
func lines(text string) []byte { return []byte(strings.ReplaceAll(text, "\n", "\r\n")) }

// newID is a Message-ID on a domain.
func newID(domain string) string { return "<" + strings.ToLower(rand.Text()) + "@" + domain + ">" }

// fields are those of an answer in the thread, as mail clients write them (RFC 5322 §3.6.4).
func (r *received) fields(prefix string) string {
	to := r.header.Get("Reply-To")
	if to == "" {
		to = r.header.Get("From")
	}
	subject := r.subject()
	if prefix != "Re: " || !strings.HasPrefix(strings.ToLower(subject), "re:") {
		subject = prefix + subject
	}
	from := mail.Address{Name: r.name(), Address: r.to}
	if r.name() == r.to {
		from.Name = ""
	}
	return fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: %s\nIn-Reply-To: %s\nReferences: %s\nMIME-Version: 1.0\n",
		from.String(), to, mime.QEncoding.Encode("utf-8", subject), r.at.Format(time.RFC1123Z), newID(r.domain()), r.id(),
		strings.TrimSpace(r.header.Get("References")+" "+r.id()))
}

const plainText = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

// quoted is the message below an answer, as mail clients quote it.
func (r *received) quoted() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nOn %s, %s wrote:\n", r.at.Format("Mon, 2 Jan 2006 at 15:04"), r.header.Get("From"))
	for line := range strings.SplitSeq(bodyOf(r.raw), "\n") {
		b.WriteString("> " + strings.TrimRight(line, "\r") + "\n")
	}
	return b.String()
}

// bodyOf is what stands behind the header, at most some thousand characters of it.
func bodyOf(raw []byte) string {
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	return strings.TrimSpace(strings.ToValidUTF8(string(body[:min(len(body), 4000)]), "?"))
}

// humanReply is a person's.
func humanReply(r *received) []byte {
	return lines(r.fields("Re: ") + plainText + "Hello,\n\nthank you, that sounds interesting. Could you call me on Thursday?\n\nBest regards\n" + r.name() + "\n" + r.quoted())
}

// vacationReply is what Exchange writes for somebody who is away for ten days (RFC 3834).
func vacationReply(r *received) []byte {
	back := r.at.AddDate(0, 0, 10)
	return lines("Return-Path: <>\n" + r.fields("Automatic reply: ") + "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: " + r.to + "\n" + plainText +
		"Hello,\n\nI am out of the office until " + back.Format("Monday, 2 January 2006") + " and will read my mail after that. In urgent cases please call +32 2 555 01 00.\n\n" + r.name() + "\n")
}

// leftReply is what the mailbox of somebody who has left the company says.
func leftReply(r *received) []byte {
	return lines("Return-Path: <>\n" + r.fields("Automatic reply: ") + "Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\n" + plainText +
		r.name() + " no longer works for our company. This mailbox is not read any more.\nPlease write to info@" + r.domain() + " instead.\n")
}

// unsubscribeRequest is what a mail client sends for its button, to the mailto address of
// List-Unsubscribe (RFC 2369 §3.2); without one, a person's request.
func unsubscribeRequest(r *received) []byte {
	for one := range strings.SplitSeq(r.header.Get("List-Unsubscribe"), ",") {
		target, isMail := strings.CutPrefix(strings.Trim(strings.TrimSpace(one), "<>"), "mailto:")
		if !isMail {
			continue
		}
		to, query, _ := strings.Cut(target, "?")
		subject := "unsubscribe"
		for pair := range strings.SplitSeq(query, "&") {
			if value, ok := strings.CutPrefix(pair, "subject="); ok {
				subject = strings.ReplaceAll(value, "%20", " ")
			}
		}
		return lines(fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: %s\nMIME-Version: 1.0\n", r.to, to, subject, r.at.Format(time.RFC1123Z), newID(r.domain())) +
			plainText + "This message was automatically generated by the mail client.\n")
	}
	return lines(r.fields("Re: ") + plainText + "Unsubscribe\n" + r.quoted())
}
