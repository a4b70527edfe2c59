package inbound

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// stateful are the charsets whose octets are all ASCII's and mean other letters.
var stateful = []string{"iso-2022", "csiso2022", "hz-gb", "utf-16", "utf-7", "unicode-1-1"}

// decodeText is text of a part as valid UTF-8. What is UTF-8 is taken as it is, whatever
// its header calls it; else the header is believed, and what it does not name or names
// wrongly is read as Windows-1252, in which every octet is a letter.
func decodeText(content, label string) string {
	label = strings.ToLower(strings.TrimSpace(label))
	shifted := false
	for _, prefix := range stateful {
		shifted = shifted || strings.HasPrefix(label, prefix)
	}
	if !shifted && utf8.ValidString(content) {
		return content
	}
	encoding, name := charset.Lookup(label)
	if encoding == nil || name == "utf-8" || name == "replacement" {
		encoding, _ = charset.Lookup("windows-1252")
	}
	decoded, err := encoding.NewDecoder().String(content)
	if err != nil {
		decoded = content // ToValidUTF8 marks what is broken
	}
	return strings.ToValidUTF8(decoded, "\uFFFD")
}
