package contactcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// peekSize is how much of a file is looked at before it is read, in bytes, and
// peekRecords how many records.
const (
	peekSize    = 64 << 10
	peekRecords = 60
)

// layout is where the table stands in a file.
type layout struct {
	delim byte
	// header is the line at which the header begins, from 1.
	header int
	// sep is true when the first line is Excel's "sep=;", which says the delimiter.
	sep bool
	// found is false when no line was recognised as the header; header is then
	// the line that looks most like one.
	found bool
	// addresses is the column, from 0, in which addresses stand below the
	// header, or -1.
	addresses int
}

// locate finds the delimiter and the header. The delimiter is the one under
// which most columns of the header are recognised; among equals the one that
// cuts most rows like the header, then the one that cuts most.
func locate(text []byte, o Options) layout {
	head := text[:min(len(text), peekSize)]
	first := head
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		first = head[:end]
	}
	candidates, at := []byte{',', ';', '\t', '|'}, layout{}
	if sep := strings.Trim(string(first), `" `); len(sep) >= 5 && strings.EqualFold(sep[:4], "sep=") {
		candidates, at.sep = []byte{sep[4]}, true
	} else if strings.EqualFold(string(first), "sep=") || strings.EqualFold(string(first), "sep=\t") {
		candidates, at.sep = []byte{'\t'}, true
	}
	best := [3]int{-1}
	for _, delim := range candidates {
		records := peek(head, delim, at.sep)
		header, found := headerOf(records, o)
		if header < 0 {
			continue
		}
		s := [3]int{recognised(records[header].fields, o.Map), alike(records[header:]), len(records[header].fields)}
		if s[0] > best[0] || s[0] == best[0] && (s[1] > best[1] || s[1] == best[1] && s[2] > best[2]) {
			best = s
			at.delim, at.header, at.found, at.addresses = delim, records[header].line, found, addressColumn(records[header:])
		}
	}
	return at
}

func peek(head []byte, delim byte, sep bool) []record {
	s := newScanner(bufio.NewReader(bytes.NewReader(head)), delim)
	if sep {
		s.lines.next() //nolint:errcheck // it has just been looked at
	}
	var records []record
	for len(records) < peekRecords {
		rec, err := s.next()
		if err != nil {
			break
		}
		if !rec.blank() {
			records = append(records, rec)
		}
	}
	return records
}

// headerOf is the header among the records: the line that the operator says, or
// the first one of which two columns are recognised, or one that --map names;
// the search ends where the contacts begin, at the first address, but for lines
// about the list ("Owner,maya@a.example"), which are narrower than the header. A
// header of one known column is one when it is the first line, or has addresses below it.
// Where nothing is recognised it is the first line of the usual width.
func headerOf(records []record, o Options) (at int, found bool) {
	if o.HeaderLine > 0 {
		for i, rec := range records {
			if rec.line >= o.HeaderLine {
				return i, true
			}
		}
		return -1, false
	}
	single, width := -1, 0
	for i, rec := range records {
		if hasAddress(rec.fields) {
			width = max(width, cells(rec.fields))
			continue
		}
		known := recognised(rec.fields, o.Map)
		if cells(rec.fields) > width && (known >= 2 || mapsAny(rec.fields, o.Map)) {
			return i, true
		}
		if width > 0 {
			continue
		}
		if known == 1 && single < 0 && (i == 0 || addressBelow(records, i)) {
			single = i
		}
	}
	if single >= 0 {
		return single, true
	}
	return likeliest(records), false
}

// recognised counts the columns that are known or mapped; two that mean the
// same thing in different words are both counted.
func recognised(fields []string, mapped map[string]string) int {
	known := 0
	for _, cell := range fields {
		if _, ok := recognise(line(cell)); ok || isMapped(line(cell), mapped) {
			known++
		}
	}
	return known
}

func isMapped(header string, mapped map[string]string) bool {
	for column := range mapped {
		if line(column) == header || fold(column) != "" && fold(column) == fold(header) {
			return true
		}
	}
	return false
}

// cells counts the cells that are not blank.
func cells(fields []string) int {
	n := 0
	for _, cell := range fields {
		if strings.TrimFunc(cell, outer) != "" {
			n++
		}
	}
	return n
}

func mapsAny(fields []string, mapped map[string]string) bool {
	for _, cell := range fields {
		if value := line(cell); value != "" && isMapped(value, mapped) {
			return true
		}
	}
	return false
}

func hasAddress(fields []string) bool {
	for _, cell := range fields {
		if isAddress(cell) {
			return true
		}
	}
	return false
}

// isAddress is true for a cell that is an address and nothing else.
func isAddress(cell string) bool {
	if !strings.ContainsRune(cell, '@') {
		return false
	}
	_, bare := undress(line(cell))
	_, problem := Address(bare)
	return problem == ""
}

// addressBelow is true when the column that record at calls an address has one
// in the next record.
func addressBelow(records []record, at int) bool {
	if at+1 >= len(records) {
		return false
	}
	for i, cell := range records[at].fields {
		place, ok := recognise(line(cell))
		if ok && place.field == email && i < len(records[at+1].fields) && isAddress(records[at+1].fields[i]) {
			return true
		}
	}
	return false
}

// alike counts the records that have as many cells as the first one.
func alike(records []record) int {
	n := 0
	for _, rec := range records[1:min(len(records), 20)] {
		if len(rec.fields) == len(records[0].fields) && len(records[0].fields) > 1 {
			n++
		}
	}
	return n
}

// likeliest is the first record of the width that most records have.
func likeliest(records []record) int {
	if len(records) == 0 {
		return -1
	}
	widths := map[int]int{}
	width := len(records[0].fields)
	for _, rec := range records {
		widths[len(rec.fields)]++
	}
	for _, rec := range records {
		if widths[len(rec.fields)] > widths[width] {
			width = len(rec.fields)
		}
	}
	for i, rec := range records {
		if len(rec.fields) == width {
			return i
		}
	}
	return 0
}

func addressColumn(records []record) int {
	for _, rec := range records[1:] {
		for i, cell := range rec.fields {
			if isAddress(cell) {
				return i
			}
		}
	}
	return -1
}

// headerAt reads to the header and returns its cells.
func headerAt(s *scanner, at int) ([]string, int, error) {
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil, 0, fmt.Errorf("there is no line %d", at)
		}
		if err != nil {
			return nil, 0, err
		}
		if rec.line < at || rec.blank() {
			continue
		}
		header := make([]string, len(rec.fields))
		for i, cell := range rec.fields {
			header[i] = line(cell)
		}
		// Excel and some exports end every line with a delimiter.
		for len(header) > 1 && header[len(header)-1] == "" {
			header = header[:len(header)-1]
		}
		return header, rec.line, nil
	}
}
