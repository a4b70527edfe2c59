package plaintext

import (
	"fmt"
	"strings"
)

// JSON returns a JSON document whose strings say what they said, with every character
// that is not plain text escaped. An encoder escapes only those below U+0020.
func JSON(document string) string {
	if isPlain(document) {
		return document
	}
	var b strings.Builder
	for _, r := range document {
		switch {
		case r == '\n' || !hides(r) && !endsLine(r) && !tag(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
