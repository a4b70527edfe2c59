package contactcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line, so that a file without line ends cannot fill the memory.
const maxLine = 16 << 20

// lines cuts a stream at LF, CRLF or CR alone, whichever comes.
type lines struct {
	r *bufio.Reader
	// at is the number of the line that next returned last.
	at int
	// held are lines that have been read and given back.
	held [][]byte
	buf  []byte
}

// next returns a line without its end, valid until the next call, or io.EOF.
func (l *lines) next() ([]byte, error) {
	if len(l.held) > 0 {
		line := l.held[0]
		l.held = l.held[1:]
		l.at++
		return line, nil
	}
	l.buf = l.buf[:0]
	for {
		if _, err := l.r.Peek(1); err != nil {
			if !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("read line %d: %w", l.at+1, err)
			}
			if len(l.buf) == 0 {
				return nil, io.EOF
			}
			l.at++
			return l.buf, nil
		}
		chunk, _ := l.r.Peek(l.r.Buffered())
		end := bytes.IndexAny(chunk, "\r\n")
		if end < 0 {
			l.buf = append(l.buf, chunk...)
			_, _ = l.r.Discard(len(chunk))
			if len(l.buf) > maxLine {
				return nil, fmt.Errorf("line %d is longer than %d MiB; expected a CSV with one contact a line", l.at+1, maxLine>>20)
			}
			continue
		}
		cr := chunk[end] == '\r'
		l.buf = append(l.buf, chunk[:end]...)
		_, _ = l.r.Discard(end + 1)
		if cr {
			if lf, err := l.r.Peek(1); err == nil && lf[0] == '\n' {
				_, _ = l.r.Discard(1)
			}
		}
		l.at++
		return l.buf, nil
	}
}

// giveBack returns lines to the front, to be read again.
func (l *lines) giveBack(lines [][]byte) {
	l.held = append(lines[:len(lines):len(lines)], l.held...)
	l.at -= len(lines)
}
