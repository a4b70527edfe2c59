package contactcsv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"relance/internal/campaign"
)

// Options are what an operator can say about a file.
type Options struct {
	// Map overrides the recognition of columns: column header → field. The
	// fields are first_name, last_name, full_name, company, email, phone and
	// record_id; any other name is a custom field of that name; "" or "-"
	// ignores the column. A field that is mapped is read from its mapped
	// columns only: the recognised ones become custom fields.
	Map map[string]string
}

// Row is one contact of the file.
type Row struct {
	// Line is the line of the file, from 1, where the record begins.
	Line    int
	Contact campaign.Contact // ID is 0, Fields is never nil
}

// Problem is something that an operator should look at. Column and Value are
// empty when the problem is the whole record's.
type Problem struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Problem string `json:"problem"`
}

// File is what a file said. Rows holds every record that was kept, in order,
// duplicates included: see Unique.
type File struct {
	Rows     []Row
	Problems []Problem
	Columns  []Column
	// Delimiter is "," ";" "|" or a tab.
	Delimiter string
	// Encoding is utf-8, utf-16le, utf-16be or windows-1252.
	Encoding string
	// WithoutEmail counts the rows in which no address was given, InvalidEmail
	// those that are kept without one because what was given cannot be an
	// address. No row is counted in both.
	WithoutEmail, InvalidEmail int
	// Skipped counts the records that are not in Rows: blank ones, and those
	// that identify nobody (these are reported too).
	Skipped int
}

// Read reads a whole export. The error is one sentence for an operator: the
// stream is not a CSV, no column is recognised, or Map names a column that does
// not exist. Doubts about single records are no errors but Problems.
func Read(r io.Reader, o Options) (File, error) {
	text, encoding, err := decode(r)
	if err != nil {
		return File{}, err
	}
	br := bufio.NewReaderSize(text, peekSize)
	delim, skip := delimiter(br, o.Map)
	file := File{Delimiter: string(delim)}
	s := newScanner(br, delim)
	if skip { // the "sep=;" line of Excel
		s.lines.next() //nolint:errcheck // it has just been peeked
	}
	header, err := firstRecord(s, &file)
	if err != nil {
		return File{}, err
	}
	plan, err := newPlan(header, o.Map)
	if err != nil {
		return File{}, err
	}
	file.Columns = plan.columns
	s.want = len(header)
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return File{}, err
		}
		file.add(plan, rec)
	}
	file.Encoding = encoding
	if encoding == utf8Name && s.legacy {
		file.Encoding = "windows-1252"
	}
	return file, nil
}

// firstRecord skips blank records to the header.
func firstRecord(s *scanner, file *File) ([]string, error) {
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty; expected a CSV whose first line names the columns")
		}
		if err != nil {
			return nil, err
		}
		if rec.blank() {
			file.Skipped++
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
		return header, nil
	}
}

func (f *File) report(at int, column, value, format string, args ...any) {
	f.Problems = append(f.Problems, Problem{Line: at, Column: column, Value: value, Problem: fmt.Sprintf(format, args...)})
}

func (r record) blank() bool {
	for _, cell := range r.fields {
		if strings.TrimFunc(cell, outer) != "" {
			return false
		}
	}
	return true
}
