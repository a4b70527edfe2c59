package contactcsv

import "bytes"

// splitter cuts lines into cells. The cells stand one after the other in buf;
// ends holds where each one ends.
type splitter struct {
	delim byte
	buf   []byte
	ends  []int
	open  bool // inside a quoted cell
	fed   int  // how many lines of this record have been fed
	// stray is set when the first line has an undoubled quote inside a quoted
	// cell; swallowed when that holds and more lines followed, or when a later
	// line starts with such a quote.
	stray, swallowed bool
}

func (s *splitter) reset() {
	*s = splitter{delim: s.delim, buf: s.buf[:0], ends: s.ends[:0]}
}

func (s *splitter) end() { s.ends = append(s.ends, len(s.buf)) }

// feed takes one line and returns true while a quoted cell is open, that is,
// when the record goes on in the next line.
func (s *splitter) feed(line []byte) bool {
	s.fed++
	if s.fed > 1 {
		s.buf = append(s.buf, '\n')
		s.swallowed = s.swallowed || s.stray
	}
	i := 0
	for {
		if s.open {
			next, closed := s.quoted(line, i)
			if !closed {
				return true
			}
			i = next
		} else {
			start := skipBlanks(line, i, s.delim)
			if start < len(line) && line[start] == '"' {
				s.open, i = true, start+1
				continue
			}
			i = s.plain(line, i)
		}
		if i > len(line) {
			return false
		}
	}
}

// quoted reads inside a quoted cell from i. It returns where the next cell
// begins (past the end of the line when there is none).
func (s *splitter) quoted(line []byte, i int) (int, bool) {
	for {
		quote := bytes.IndexByte(line[i:], '"')
		if quote < 0 {
			s.buf = append(s.buf, line[i:]...)
			return 0, false
		}
		s.buf = append(s.buf, line[i:i+quote]...)
		i += quote
		if i+1 < len(line) && line[i+1] == '"' {
			s.buf = append(s.buf, '"')
			i += 2
			continue
		}
		after := skipBlanks(line, i+1, s.delim)
		if after == len(line) || line[after] == s.delim {
			s.open = false
			s.end()
			return after + 1, true
		}
		s.stray = s.stray || s.fed == 1
		s.swallowed = s.swallowed || (s.fed > 1 && i == 0)
		s.buf = append(s.buf, '"')
		i++
	}
}

// plain reads an unquoted cell from i and returns where the next one begins.
func (s *splitter) plain(line []byte, i int) int {
	end := bytes.IndexByte(line[i:], s.delim)
	if end < 0 {
		end = len(line) - i
	}
	s.buf = append(s.buf, line[i:i+end]...)
	s.end()
	return i + end + 1
}

// alone reads a line as a whole record: a quoted cell that does not close
// properly within the line is read with its quotes as letters.
func (s *splitter) alone(line []byte) {
	for i := 0; i <= len(line); {
		if start := skipBlanks(line, i, s.delim); start < len(line) && line[start] == '"' {
			mark := len(s.buf)
			s.fed, s.stray, s.open = 1, false, true
			next, closed := s.quoted(line, start+1)
			s.open = false
			if closed && !s.stray {
				i = next
				continue
			}
			s.buf = s.buf[:mark]
			if closed {
				s.ends = s.ends[:len(s.ends)-1]
			}
		}
		i = s.plain(line, i)
	}
}

func skipBlanks(line []byte, i int, delim byte) int {
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') && line[i] != delim {
		i++
	}
	return i
}
