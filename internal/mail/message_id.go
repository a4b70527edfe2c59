package mail

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

var (
	notDotAtom  = regexp.MustCompile(`[^A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+`)
	messageID   = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]+@[A-Za-z0-9!#$%&'*+/=?^_{|}~.\[\]:-]+$`)
	replyPrefix = regexp.MustCompile(`(?i)^\s*(?:re|aw|antw|sv|odp)\s*(?:\[\d+\])?\s*[:：]\s*`)
)

// NewMessageID makes a Message-ID without angle brackets (RFC 5322 §3.6.4) in the
// domain of the sender, so that it is unique as long as unique is. A domain that
// cannot be written in ASCII is replaced by localhost.
func NewMessageID(domain, unique string) string {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || ascii == "" {
		ascii = "localhost"
	}
	return strings.Trim(notDotAtom.ReplaceAllString(unique, "."), ".") + "@" + ascii
}

// ReplySubject is the subject of a message that continues a thread: "Re: " once,
// whatever prefixes of whichever language it had.
func ReplySubject(subject string) string {
	for replyPrefix.MatchString(subject) {
		subject = replyPrefix.ReplaceAllString(subject, "")
	}
	return "Re: " + strings.TrimSpace(subject)
}
