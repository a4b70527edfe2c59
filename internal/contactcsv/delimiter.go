package contactcsv

import (
	"bufio"
	"bytes"
	"strings"
)

// delimiter looks at the beginning of a file and chooses the delimiter under
// which most headers are recognised; among equals the one that cuts most rows
// like the header, then the one that cuts most. skip is true when the first
// line is Excel's "sep=;", which says it outright.
func delimiter(r *bufio.Reader, mapped map[string]string) (delim byte, skip bool) {
	head, _ := r.Peek(peekSize)
	first := head
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		first = head[:end]
	}
	if sep := strings.Trim(string(first), `" `); len(sep) >= 5 && strings.EqualFold(sep[:4], "sep=") {
		return sep[4], true
	}
	if string(bytes.ToLower(first)) == "sep=" {
		return '\t', true
	}
	best := [3]int{-1}
	delim = ','
	for _, candidate := range []byte{',', ';', '\t', '|'} {
		if s := score(head, candidate, mapped); s[0] > best[0] || s[0] == best[0] && (s[1] > best[1] || s[1] == best[1] && s[2] > best[2]) {
			best, delim = s, candidate
		}
	}
	return delim, false
}

func score(head []byte, delim byte, mapped map[string]string) [3]int {
	s := newScanner(bufio.NewReader(bytes.NewReader(head)), delim)
	var header []string
	var alike int
	for range 20 {
		rec, err := s.next()
		if err != nil {
			break
		}
		switch {
		case rec.blank():
		case header == nil:
			header = rec.fields
			s.want = len(header)
		case len(rec.fields) == len(header) && len(header) > 1:
			alike++
		}
	}
	known := 0
	for _, cell := range header {
		if _, ok := recognise(line(cell)); ok || isMapped(line(cell), mapped) {
			known++
		}
	}
	return [3]int{known, alike, len(header)}
}

func isMapped(header string, mapped map[string]string) bool {
	for column := range mapped {
		if fold(column) == fold(header) {
			return true
		}
	}
	return false
}
