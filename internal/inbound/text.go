package inbound

import (
	"strings"

	"relance/internal/plaintext"
)

// How much is looked at of a mail's text, in characters, and of a notice's, in octets: what
// a person or a mail server has to say comes first.
const (
	mostText   = 32_000
	mostNotice = 32_000
	mostHTML   = 400_000
)

// textOf is what a person reads of a message: its first text/plain that says something,
// else its first text/html made plain. What follows a first text that is attached, or is
// an embedded message, is not the sender's.
func textOf(parts []Part) string {
	for _, kind := range []string{"text/plain", "text/html"} {
		for _, p := range parts {
			if p.Type != kind || p.Attached {
				continue
			}
			text := p.Content
			if kind == "text/html" {
				text = plainOf(beginning(text, mostHTML))
			}
			if text = plaintext.Text(text, mostText); strings.TrimSpace(text) != "" {
				return strings.TrimSpace(text)
			}
		}
	}
	return ""
}

// beginning is a text up to a number of octets.
func beginning(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
