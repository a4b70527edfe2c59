package mail

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Mailbox is an address made ready for the wire: its domain is ASCII.
type Mailbox struct{ Local, Domain string }

// ParseMailbox reads a bare address (RFC 5321 §4.1.2, RFC 6531 §3.3). The domain is
// turned into its ASCII form, so that only a local part can need SMTPUTF8.
func ParseMailbox(address string) (Mailbox, error) {
	bad := func(why string) (Mailbox, error) {
		return Mailbox{}, &Undeliverable{Reason: fmt.Sprintf("%q is not an address that mail can be sent to: %s", shorten(address, 80), why)}
	}
	parsed, err := mail.ParseAddress("<" + address + ">")
	if err != nil || strings.ContainsAny(address, "\r\n\x00<>") {
		return bad("it does not have the form name@domain")
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local, domain := parsed.Address[:at], parsed.Address[at+1:]
	if strings.HasPrefix(domain, "[") {
		return bad("an address literal is no domain")
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || ascii == "" {
		return bad("its domain is not valid")
	}
	// RFC 5321 §4.5.3.1.1 and §4.5.3.1.3: 64 octets of local part, 256 of path with its brackets.
	if len(local) > 64 || len(local)+len(ascii) > 253 {
		return bad("it is too long")
	}
	return Mailbox{Local: local, Domain: ascii}, nil
}

// String is the address as MAIL FROM and RCPT TO take it, without angle brackets; an
// odd local part is quoted.
func (m Mailbox) String() string {
	path := (&mail.Address{Address: m.Local + "@" + m.Domain}).String()
	return strings.TrimSuffix(strings.TrimPrefix(path, "<"), ">")
}

// NeedsUTF8 is true when only a server with SMTPUTF8 can take the address (RFC 6531).
func (m Mailbox) NeedsUTF8() bool { return !isASCII(m.Local) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// shorten keeps an error on one line of a screen.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
