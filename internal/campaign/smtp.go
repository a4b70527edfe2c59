package campaign

import (
	"slices"
	"strings"
	"unicode"
)

// TLS is how an SMTP connection is protected.
type TLS string

// The three ways; STARTTLS is the default and is mandatory when chosen.
const (
	TLSImplicit TLS = "implicit"
	TLSStartTLS TLS = "starttls"
	TLSNone     TLS = "none"
)

// TLSModes lists the three ways, the default first.
func TLSModes() []string { return []string{string(TLSStartTLS), string(TLSImplicit), string(TLSNone)} }

// ParseTLS reads one of the three ways in any letter case; ok is false when
// the text is none of them.
func ParseTLS(text string) (mode TLS, ok bool) {
	mode = TLS(strings.ToLower(strings.TrimSpace(text)))
	return mode, slices.Contains(TLSModes(), string(mode))
}

// Port is where a server listens for this kind of connection unless it says
// otherwise: 465 (RFC 8314 §3.3), 587 (RFC 6409 §3.1) or 25 (RFC 5321 §4.5.4.2).
func (t TLS) Port() int {
	switch t {
	case TLSImplicit:
		return 465
	case TLSNone:
		return 25
	case TLSStartTLS:
	}
	return 587
}

// IMAPPort is where a server is read unless it says otherwise: 993 (RFC 8314 §3.2) or 143 (RFC 9051 §2.1).
func (t TLS) IMAPPort() int {
	if t == TLSImplicit {
		return 993
	}
	return 143
}

// IsPort is true for a number that a TCP port can have, from 1 to 65535.
func IsPort(number int) bool { return number >= 1 && number <= 65535 }

// IsHost is true for what can be the name or the IP address of a server. A URL,
// an address and a name with its port behind a colon are none.
func IsHost(text string) bool {
	return text != "" && !strings.ContainsAny(text, "/@") && strings.Count(text, ":") != 1 &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// SMTP is how to reach and log in to the server of an email account.
type SMTP struct {
	Host     string
	Port     int
	TLS      TLS
	Username string
	// Password is in the clear here and nowhere else: PostgreSQL holds it
	// encrypted, and it is never printed (see String).
	Password Secret
	// Provider gives the token with which the account logs in instead of a password, as
	// `google`; empty for a password.
	Provider string
}

// SameLogin is true when other logs in at the same server, in the same way, as
// the same user: a password that was given for one may be sent to the other.
func (s SMTP) SameLogin(other SMTP) bool {
	return strings.EqualFold(s.Host, other.Host) && s.Port == other.Port && s.TLS == other.TLS && s.Username == other.Username && s.Provider == other.Provider
}

// Secret is a string that does not print itself.
type Secret string

// String hides the secret from logs and %v.
func (Secret) String() string { return "(hidden)" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "(hidden)" }

// MarshalText hides the secret from JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte("(hidden)"), nil }
