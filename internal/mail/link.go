package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word or a scheme that only ends in "http" ("svn+http") begins no link. A letter beyond
// ASCII may stand before one: Chinese and Japanese part no words by blanks.
var linkStart = regexp.MustCompile(`(?i)(?:^|[^a-z0-9+.\-])(https?://)[\pL\pN_\[%]`)

// nextLink finds the first web address in a line of text, as the place where it begins and
// the place where it ends, or -1. Its beginning is a scheme and a host; its end is where
// the sentence around it goes on (CommonMark's extended autolinks, and beyond ASCII).
func nextLink(text string) (from, to int) {
	for at := 0; ; {
		m := linkStart.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return -1, -1
		}
		from, host := at+m[2], at+m[3]
		to = linkEnd(text, from, host)
		if to > host {
			return from, to
		}
		at = host
	}
}

// linkEnd is where the address that begins at from, with its host at host, ends.
func linkEnd(text string, from, host int) int {
	open := map[rune]int{}
	to := host
scan:
	for to < len(text) {
		r, size := utf8.DecodeRuneInString(text[to:])
		switch {
		case r == utf8.RuneError && size <= 1, endsLink(text[to+size:], r):
			break scan
		case strings.ContainsRune("([{", r):
			open[closing[r]]++
		case strings.ContainsRune(")]}", r):
			// A bracket that was opened within the address belongs to it, no other does.
			if open[r] == 0 {
				break scan
			}
			open[r]--
		}
		to += size
	}
	return trimLink(text, from, host, to)
}

var closing = map[rune]rune{'(': ')', '[': ']', '{': '}'}

// wordMarks are punctuation to Unicode and parts of words to those who write them, also in
// names of hosts (RFC 5892, CONTEXTO); joiners have no width and stand within words.
const (
	wordMarks = "·・׳״͵"
	joiners   = "\u200c\u200d"
)

// endsLink says whether a rune cannot be part of an address: blanks, what RFC 3986 keeps
// for delimiting, quotes, brackets and punctuation beyond ASCII, what has no width.
func endsLink(after string, r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"`", r)
	case strings.ContainsRune(wordMarks+joiners, r):
		next, _ := utf8.DecodeRuneInString(after)
		return next == utf8.RuneError || !unicode.In(next, unicode.L, unicode.N, unicode.M, unicode.S)
	case r >= 0xff01 && r <= 0xff65: // the wide forms of ASCII: what is no letter or number there is a mark
		return !unicode.In(r, unicode.L, unicode.N)
	}
	return unicode.In(r, unicode.P, unicode.Z, unicode.C) || r == '´'
}

// trimLink leaves out what ends the sentence and not the address.
func trimLink(text string, from, host, to int) int {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	for to > host {
		switch last := rune(text[to-1]); {
		case strings.ContainsRune(".,;:!?'([{", last):
		case strings.ContainsRune("*_~|", last) && last == before: // *https://x.example* is emphasis
		default:
			return to
		}
		to--
	}
	return to
}
