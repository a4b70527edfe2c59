package mail

import (
	"encoding/base64"
	"mime"
	"strings"
	"unicode"
)

// headerText is text that may stand in a header: one line, blanks and control characters
// of any kind made one space, nothing that is not a character.
func headerText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// headerName is the name before an address. A backslash, which no name has, is dropped:
// net/mail leaves it bare in an encoded word, where RFC 2047 §5(3) forbids it and readers
// that are strict reject the whole From.
func headerName(name string) string {
	return headerText(strings.ReplaceAll(name, `\`, " "))
}

// encodedWords writes text as RFC 2047 asks, in whichever of its two encodings is
// shorter. ASCII stays readable, except where a reader could take it for an encoded word
// or where no line could hold it.
func encodedWords(text string) string {
	if !isASCII(text) {
		q, b := mime.QEncoding.Encode("UTF-8", text), mime.BEncoding.Encode("UTF-8", text)
		if len(b) < len(q) {
			return b
		}
		return q
	}
	plain := !strings.Contains(text, "=?")
	for word := range strings.SplitSeq(text, " ") {
		plain = plain && len(word) <= 76
	}
	if plain {
		return text
	}
	// The standard library leaves ASCII alone, so it is done here; 45 bytes make 60.
	var words []string
	for len(text) > 0 {
		n := min(45, len(text))
		words = append(words, "=?UTF-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:n]))+"?=")
		text = text[n:]
	}
	return strings.Join(words, " ")
}

// bodyText has LF line ends, no control characters but tabs, and only characters.
func bodyText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	return strings.TrimRight(text, " \t\n") + "\n"
}
