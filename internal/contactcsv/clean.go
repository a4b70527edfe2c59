package contactcsv

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"relance/internal/plaintext"
)

// outer is what is cut from both ends of every cell: blanks of all kinds,
// characters without width, control characters.
func outer(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || invisible(r)
}

// invisible characters get into exports by copy and paste from web pages.
func invisible(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069':
		return true
	}
	return false
}

// text cleans a value that is kept as data: line breaks, tabs and everything
// visible stay, a formula stays the text that it is.
func text(cell string) string { return strings.TrimFunc(plaintext.Text(cell, 0), outer) }

// line cleans a value that is one line of text (a name, a header): every run of
// blanks is one space. A name never brings a line break into a mail's header.
func line(cell string) string { return plaintext.Line(id(cell), plaintext.Name) }

// id cleans a value of one line of which no part may be lost.
func id(cell string) string {
	value := strings.TrimFunc(plaintext.Line(cell, 0), outer)
	if strings.HasPrefix(value, `="`) {
		return unprotect(value)
	}
	return value
}

// fold reduces a header to its letters and digits, lower-cased and without
// accents: "E-mail 1 - Value" is "email1value", "Prénom" is "prenom".
func fold(header string) string {
	var b strings.Builder
	if isASCII(header) { // nearly all headers, and all but a few words of names
		for i := range len(header) {
			switch c := header[i]; {
			case c >= 'A' && c <= 'Z':
				b.WriteByte(c | 0x20)
			case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
				b.WriteByte(c)
			}
		}
		return b.String()
	}
	for _, r := range norm.NFKD.String(strings.ToLower(header)) {
		switch {
		case r == 'ł':
			b.WriteByte('l')
		case r == 'ø':
			b.WriteByte('o')
		case r == 'ı': // Turkish: of İ and ı, NFKD knows only the one
			b.WriteByte('i')
		case r == 'đ':
			b.WriteByte('d')
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprotect takes off what spreadsheets put around a number to keep it text:
// ="0475" and '0475.
func unprotect(cell string) string {
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimFunc(strings.TrimSuffix(inner, `"`), outer)
	}
	return strings.TrimFunc(strings.TrimLeft(cell, "='"), outer)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
