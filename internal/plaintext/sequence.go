package plaintext

import "strings"

// The control characters that begin and end escape sequences (ECMA-48 §5.3 to §5.6, §8.3).
const (
	bel = "\a"
	esc = "\x1b"
	st  = "\u009c"
)

// maxString is how many bytes the string of a sequence has at most: more is words.
const maxString = 1000

// sequence returns the length of the escape sequence that s begins with, 0 for none:
//
//	CSI  ESC [ or U+009B, parameters, a letter
//	OSC, DCS, SOS, PM, APC  ESC ] P X ^ _ or U+009D 90 98 9E 9F, a string, ST or BEL
//	others  ESC, intermediates, a final character
//
// A string that does not end on its line is no sequence: only its beginning is counted,
// so that a server cannot hide the rest of its words. A CSI that is cut off is counted
// as far as it goes.
func sequence(s string) int {
	if s[0] != esc[0] {
		if s[0] != 0xc2 || len(s) < 2 {
			return 0
		}
		switch s[1] { // U+0080 to U+009F are C2 80 to C2 9F
		case 0x9b:
			return csi(s, 2)
		case 0x90, 0x98, 0x9d, 0x9e, 0x9f:
			return str(s, 2)
		}
		return 0
	}
	if len(s) == 1 {
		return 1
	}
	switch s[1] {
	case '[':
		return csi(s, 2)
	case ']', 'P', 'X', '^', '_':
		return str(s, 2)
	}
	n := 1
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && s[n] >= 0x30 && s[n] <= 0x7e {
		return n + 1
	}
	return 1 // a lone ESC, as before a letter of another script
}

func csi(s string, n int) int {
	for n < len(s) && s[n] >= 0x20 && s[n] <= 0x3f {
		n++
	}
	if n < len(s) && s[n] >= 0x40 && s[n] <= 0x7e {
		n++
	}
	return n
}

func str(s string, n int) int {
	line := s[n:min(len(s), n+maxString)]
	if end := strings.IndexAny(line, "\r\n"); end >= 0 {
		line = line[:end]
	}
	end := len(line) + 1
	for _, terminator := range []string{bel, esc + `\`, st} {
		if i := strings.Index(line, terminator); i >= 0 && i+len(terminator) < end {
			end = i + len(terminator)
		}
	}
	if end > len(line) {
		return n
	}
	return n + end
}
