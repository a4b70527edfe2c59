package contactcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A record whose quote is still open after maxRecord bytes has lost its closing
// quote. maxRewound bounds what is read twice for such records, so that time
// stays linear in the length of the file.
const (
	maxRecord  = 1 << 20
	maxRewound = 64 << 20
)

// record is one row of the file as text.
type record struct {
	line   int
	fields []string
	// stray is true when a quote was opened and never closed, and the line was
	// read as if the quote were a letter.
	stray bool
}

// scanner reads records leniently: a quote inside an unquoted cell, or an
// undoubled one inside a quoted cell, is a letter.
type scanner struct {
	lines   lines
	split   splitter
	want    int // the number of columns; 0 until the header is known
	rewound int
}

func newScanner(r *bufio.Reader, delim byte) *scanner {
	return &scanner{lines: lines{r: r}, split: splitter{delim: delim}}
}

// next returns the next record, or io.EOF.
func (s *scanner) next() (record, error) {
	first, err := s.lines.next()
	if err != nil {
		return record{}, err
	}
	at := s.lines.at
	s.split.reset()
	if open := s.split.feed(first); !open {
		return s.record(at, false), nil
	}
	// From here on the lines may have to be read again, so they are kept.
	held := [][]byte{bytes.Clone(first)}
	if s.split.stray && s.fits(held[0]) {
		return s.record(at, false), nil
	}
	size := len(first)
	for open := true; open; {
		more, err := s.lines.next()
		if errors.Is(err, io.EOF) || size > maxRecord {
			if err == nil {
				held = append(held, bytes.Clone(more))
			}
			return s.rewind(at, held, size)
		}
		if err != nil {
			return record{}, err
		}
		held = append(held, bytes.Clone(more))
		size += len(more) + 1
		open = s.split.feed(more)
	}
	// A line that starts with a stray quote is the next record, swallowed; so are
	// the lines that make a record of the wrong width, when the first fits alone.
	wrong := s.want > 0 && len(s.split.ends) != s.want
	if (s.split.swallowed || wrong) && s.fits(held[0]) {
		s.lines.giveBack(held[1:])
		return s.record(at, true), nil
	}
	return s.record(at, false), nil
}

// fits splits the line alone, quotes that never close being letters, and says
// whether that gives as many cells as there are columns.
func (s *scanner) fits(line []byte) bool {
	before := s.split
	s.split = splitter{delim: before.delim}
	s.split.alone(line)
	if s.want == 0 || len(s.split.ends) == s.want {
		return true
	}
	s.split = before
	return false
}

func (s *scanner) rewind(at int, held [][]byte, size int) (record, error) {
	if s.rewound += size; s.rewound > maxRewound {
		return record{}, fmt.Errorf("line %d opens a quote that is never closed, as too many lines before it do; expected a CSV whose quotes are closed", at)
	}
	s.lines.giveBack(held[1:])
	s.split.reset()
	s.split.alone(held[0])
	return s.record(at, true), nil
}

// record cuts what was split into cells.
func (s *scanner) record(at int, stray bool) record {
	rec := record{line: at, stray: stray, fields: make([]string, len(s.split.ends))}
	whole, start := string(s.split.buf), 0
	for i, end := range s.split.ends {
		rec.fields[i], start = Undefused(whole[start:end]), end
	}
	return rec
}
