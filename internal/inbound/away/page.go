package away

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// page is a text made ready for the expressions: lower case, without the marks of Latin
// letters, one blank between words, "¶" for an empty line. at says for each of its bytes
// from which byte of the original it comes.
type page struct {
	text   string
	source string
	at     []int
}

func newPage(source string) page {
	source = strings.ToValidUTF8(source, "?")
	var b strings.Builder
	var at []int
	write := func(s string, from int) {
		b.WriteString(s)
		for range len(s) {
			at = append(at, from)
		}
	}
	blank, lines := true, 0
	for i, r := range source {
		switch {
		case r == '\n':
			if lines++; lines == 2 {
				write(" ¶ ", i)
			}
			if !blank {
				write(" ", i)
			}
			blank = true
			continue
		case unicode.IsSpace(r) || r == '\u200b':
			if !blank {
				write(" ", i)
			}
			blank = true
			continue
		}
		blank, lines = false, 0
		write(plain(r), i)
	}
	return page{text: b.String(), source: source, at: at}
}

// plain is a character in lower case and without its marks.
func plain(r rune) string {
	switch r {
	case '–', '—', '−', '‑':
		return "-"
	case '’', '‘', '`', '´':
		return "'"
	case 'ß':
		return "ss"
	}
	if r < utf8.RuneSelf {
		return string(unicode.ToLower(r))
	}
	r = unicode.ToLower(r)
	if !unicode.Is(unicode.Latin, r) {
		return string(r)
	}
	first, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return string(first)
}

// original returns the source's words from one place of the page to another.
func (p page) original(start, end int) string {
	start, end = max(start, 0), min(end, len(p.text))
	if start >= end {
		return ""
	}
	from, to := p.at[start], p.at[end-1]
	_, size := utf8.DecodeRuneInString(p.source[to:])
	return shorten(p.source[from : to+size])
}
