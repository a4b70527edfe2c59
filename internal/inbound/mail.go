package inbound

import (
	"net/textproto"
	"time"
)

// Mail is a message that has come in, made ready to be judged. Text is valid UTF-8 with
// LF line ends; ids have no angle brackets; addresses are in lower case.
type Mail struct {
	MessageID  string
	InReplyTo  []string
	References []string // newest first

	From, Sender, ReplyTo, To, Cc []Address

	Subject string
	Date    time.Time // what the sender claims; zero when missing or unreadable
	// Arrived is when it came into the mailbox (IMAP INTERNALDATE), from which relative
	// dates are reckoned. Parse sets what the newest Received or else Date says; a caller
	// that knows better overwrites it.
	Arrived time.Time

	// ReturnPath is the envelope sender as the last server wrote it: an address, "<>" for
	// the null reverse-path (RFC 5321 §4.5.5), or empty when no server wrote it.
	ReturnPath string

	AutoSubmitted string // RFC 3834 §5, lower case, with its parameters
	RelanceID     string // X-Relance-Id: ours, or a copy of ours

	// Header holds every field of the message's own header, decoded (RFC 2047).
	Header textproto.MIMEHeader

	// Text is what a person reads: text/plain, or text/html made plain.
	Text string
	// Answer is what the sender has written: Text without quoted mails, without our
	// footer in them, and without the signature.
	Answer string

	Parts []Part // every leaf of the MIME tree, in order

	Size      int  // octets of the whole message, also when only its beginning was read
	Truncated bool // longer than MostRead: only its beginning was read
}

// Address is a mailbox of a header field.
type Address struct {
	Name    string
	Address string
}

// Part is a leaf of the MIME tree. An embedded message is one leaf.
type Part struct {
	Type     string // media type in lower case: "text/plain"
	Params   map[string]string
	Filename string
	Attached bool   // Content-Disposition: attachment
	Content  string // decoded; valid UTF-8 if it is text
}
