package mail

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Address is a mailbox with its owner's name; the name may be empty.
type Address struct{ Name, Email string }

// Message is one message to one recipient, with everything that a claim has frozen.
type Message struct {
	From, To      Address
	Subject, Text string
	// MessageID, InReplyTo and References are without angle brackets (RFC 5322 §3.6.4).
	MessageID string
	Date      time.Time
	// Boundary parts the two forms of the text (RFC 2046 §5.1.1); without one the message
	// has the plain form only.
	Boundary    string
	InReplyTo   string
	References  []string
	Unsubscribe Unsubscribe
	// Test marks a message that is to be looked at and not the contact's.
	Test bool
}

// Unsubscribe is how the recipient asks for no more emails: a page that takes a POST (RFC 8058),
// the address of a mail (RFC 2369). Each may be empty.
type Unsubscribe struct{ URL, Mailto string }

// Compose writes the message as it goes over the wire: CRLF line ends, no line over 998
// octets (RFC 5322 §2.1.1), ASCII only (unless an address itself is not). The same
// Message gives the same bytes, always: an attempt that repeats another must not differ
// from it. An error is an *Undeliverable, and holds nothing of the text.
//
// The text goes out as multipart/alternative: the plain text, and an HTML twin with the
// same words and no style, picture or tracking. That is what Gmail, Outlook and Apple Mail
// send when a person types a message. Plain text alone is accepted by servers just as
// well, but Outlook joins its lines and sets it in a typewriter face; HTML alone costs
// points with filters (SpamAssassin MIME_HTML_ONLY), and so does a twin that says something
// else (MPART_ALT_DIFF). Both forms are quoted-printable, so that no server on the way
// needs 8BITMIME, and folds no line of its own accord.
func Compose(m Message) ([]byte, error) {
	from, err := ParseMailbox(m.From.Email)
	if err != nil {
		return nil, err
	}
	to, err := ParseMailbox(m.To.Email)
	if err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	// Quoted-printable: the library's default, for the text and for encoded words.
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(m.Boundary))
	msg.FromMailAddress(&mail.Address{Name: headerName(m.From.Name), Address: from.Local + "@" + from.Domain})
	msg.ToMailAddress(&mail.Address{Name: headerName(m.To.Name), Address: to.Local + "@" + to.Domain})
	msg.SetGenHeader(gomail.HeaderSubject, encodedWords(headerText(m.Subject)))
	// UTC: the same instant is written the same way wherever a worker runs.
	msg.SetDateWithValue(m.Date.UTC())
	msg.SetMessageIDWithValue(m.MessageID)
	if m.InReplyTo != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	if len(m.References) > 0 {
		msg.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(m.References, "> <")+">")
	}
	// A copy of what was sent, or a report about it, shows it by whatever Message-ID a server
	// has put in place of ours.
	msg.SetGenHeader(headerID, m.MessageID)
	unsubscribeHeaders(msg, m.Unsubscribe)
	if m.Test {
		msg.SetGenHeader(headerTest, "true")
	}
	text := bodyText(m.Text)
	msg.SetBodyString(gomail.TypeTextPlain, text)
	if m.Boundary != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, htmlTwin(text))
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, &Undeliverable{Reason: fmt.Sprintf("the message cannot be written: %v", err)}
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
		out.WriteString("\r\n")
	}
	if err := CheckWire(out.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// headerID is a header of ours with the Message-ID as we have given it.
const headerID = "X-Relance-Id"

// unsubscribeHeaders offers the ways, the page first. One click (RFC 8058 §3.1) needs a page;
// that the sender's server signs both fields (DKIM) is not ours to say: docs/production.md.
func unsubscribeHeaders(msg *gomail.Msg, u Unsubscribe) {
	var ways []string
	for _, way := range []string{u.URL, u.Mailto} {
		if way != "" {
			ways = append(ways, "<"+way+">")
		}
	}
	if len(ways) > 0 {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, strings.Join(ways, ", "))
	}
	if u.URL != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}

// headerTest is the header of a test message; none is registered for that (RFC 6648 §2).
const headerTest = "X-Relance-Test"

// check finds what a header could not carry. Ids come from the ledger; what does not
// look like one never reaches a header.
func (m Message) check() error {
	ids := append([]string{m.MessageID}, m.References...)
	if m.InReplyTo != "" {
		ids = append(ids, m.InReplyTo)
	}
	for _, id := range ids {
		if !messageID.MatchString(id) || len(id) > 900 {
			return &Undeliverable{Reason: "a Message-ID of the message or of its thread is not valid"}
		}
	}
	if m.Date.IsZero() {
		return &Undeliverable{Reason: "the message has no date"}
	}
	if m.Boundary != "" {
		if err := multipart.NewWriter(&bytes.Buffer{}).SetBoundary(m.Boundary); err != nil || strings.ContainsAny(m.Boundary, " ()<>@,;:\\\"/[]?=") {
			return &Undeliverable{Reason: "the boundary of the message is not valid"}
		}
	}
	for part, text := range map[string]string{"subject": m.Subject, "sender's name": m.From.Name, "recipient's name": m.To.Name} {
		if len(text) > 900 {
			return &Undeliverable{Reason: "the " + part + " is longer than 900 bytes"}
		}
	}
	return nil
}

// CheckWire is the last look at what goes out: a lone CR or LF is how a second message
// or a header is smuggled past one server and into the next (RFC 5321 §2.3.8, §4.1.1.4),
// and a longer line than 998 octets is cut by some.
func CheckWire(message []byte) error {
	bad := func(what string) error { return &Undeliverable{Reason: "the message has " + what} }
	if len(message) == 0 || !bytes.HasSuffix(message, []byte("\r\n")) {
		return bad("no last line end")
	}
	for line := range bytes.SplitSeq(message[:len(message)-2], []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n") {
			return bad("a line end that is not CRLF")
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return bad("a NUL character")
		}
		if len(line) > 998 {
			return bad("a line that is longer than 998 bytes")
		}
	}
	return nil
}
