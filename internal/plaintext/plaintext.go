// Package plaintext makes plain text of what comes from outside: the words of mail
// servers and SMS providers, cells, YAML values, arguments, payloads of signals.
//
// Plain text is valid UTF-8 without control characters and escape sequences, and
// without characters that hide or reorder others. PostgreSQL can store it, a terminal
// can show it, a log can hold it. Text and Line return it, and change nothing that is
// plain already. The package imports nothing of the project.
package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is kept, in characters. They are far above what anybody writes.
const (
	// Name is for names, keys, numbers and other values of one line.
	Name = 500
	// Note is for what a person or a server says.
	Note = 4000
)

// Text returns plain text of several lines: line ends of every kind are "\n", tabs and
// blanks stay. What is longer than most characters is cut and ends in "…"; most 0 is
// any length.
func Text(s string, most int) string {
	if !isPlain(s) {
		s = scrub(s)
	}
	return cut(s, most)
}

// Line returns plain text of one line: every run of blanks and line ends is one blank,
// there is none at the ends, nor a character that nobody sees. It is cut as by Text.
func Line(s string, most int) string {
	if !isPlain(s) {
		s = scrub(s)
	}
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || joins(r) })
	if strings.Contains(s, "  ") || strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }) {
		s = strings.Join(strings.Fields(s), " ")
	}
	return cut(s, most)
}

// cut shortens s to most characters, the last of them "…".
func cut(s string, most int) string {
	if most <= 0 || len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	kept := 0
	for i := range s {
		if kept++; kept == most {
			return strings.TrimRightFunc(s[:i], unicode.IsSpace) + "…"
		}
	}
	return s
}

// isPlain is true for text that scrub would leave as it is.
func isPlain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return endsLine(r) && r != '\n' || hides(r) || tag(r) })
}

// scrub drops escape sequences whole and other unwanted characters one by one.
func scrub(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	flag := false // whether what was kept last is a flag that tags may follow
	for s != "" {
		if n := sequence(s); n > 0 {
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			for n < len(s) && invalid(s[n:]) { // a run of them is one mark
				n++
			}
			b.WriteRune(utf8.RuneError)
		case r == '\r' && strings.HasPrefix(s[n:], "\n"): // the line feed is the line's end
		case endsLine(r):
			b.WriteByte('\n')
		case tag(r) && flag:
			b.WriteRune(r)
		case !hides(r) && !tag(r):
			b.WriteRune(r)
		}
		flag = r == '\U0001F3F4' || flag && tag(r)
		s = s[n:]
	}
	return b.String()
}

func invalid(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return r == utf8.RuneError && n == 1
}

// endsLine is true for the characters that end a line (UAX 14: BK, CR, LF, NL).
func endsLine(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// joins is true for the characters without width that writing needs: Persian has the
// non-joiner, emoji the joiner, Hebrew and Arabic the direction marks, which reorder
// nothing but their neighbours; and the soft hyphen.
func joins(r rune) bool {
	switch r {
	case '\u00ad', '\u061c', '\u200c', '\u200d', '\u200e', '\u200f':
		return true
	}
	return false
}

// tag is true for the letters that spell the region of a flag, and hide text elsewhere.
func tag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

// hides is true for control characters, for format characters that hide or reorder text
// (zero-width blanks, byte order marks, bidi embeddings, overrides and isolates), and for
// noncharacters.
func hides(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t'
	case r < 0x7f:
		return false
	case r < 0xa0:
		return true
	case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
		return true
	}
	return unicode.Is(unicode.Cf, r) && !joins(r) && !tag(r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
