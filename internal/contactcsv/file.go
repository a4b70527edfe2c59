package contactcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"relance/internal/campaign"
	"relance/internal/contactcsv/charset"
)

// Options are what an operator can say about a file.
type Options struct {
	// Map overrides the recognition of columns: column header → field. The
	// fields are first_name, last_name, full_name, company, email, phone and
	// record_id; any other name is a custom field of that name; "" or "-"
	// ignores the column. A field that is mapped is read from its mapped
	// columns only: the recognised ones become custom fields.
	Map map[string]string
	// Encoding overrules the recognition of the encoding; empty recognises it.
	Encoding string
	// HeaderLine is the line in which the header begins, from 1; 0 finds it.
	HeaderLine int
	// Source names where the record ids come from; empty recognises it.
	Source string
	// OwnIDs reads our own ids, from a column "Relance ID" (in any spelling) or
	// contactId; see Row.OwnID. Without it the former is left out.
	OwnIDs bool
}

// Row is one contact of the file.
type Row struct {
	// Line is the line of the file, from 1, where the record begins.
	Line    int
	Contact campaign.Contact // ID is 0, Fields is never nil
	// OwnID is the id that Relance gave the contact, with Options.OwnIDs;
	// 0 where there is none.
	OwnID int64 `json:",omitempty"`
	// Also are further record ids of the same person; see Unique.
	Also []string `json:",omitempty"`
	// Merged are the lines of further records of the same person; see Unique.
	Merged []int `json:"-"`
}

// Problem is something that an operator should look at. Column and Value are
// empty when the problem is the whole record's.
type Problem struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Problem string `json:"problem"`
	// Rows counts the rows that have this problem, the first of which is Line;
	// 0 for a problem of one row.
	Rows int `json:"rows,omitempty"`
}

// File is what a file said. Rows holds every record that was kept, in order,
// duplicates included: see Unique.
type File struct {
	Rows     []Row
	Problems []Problem
	Columns  []Column
	// Delimiter is "," ";" "|" or a tab.
	Delimiter string
	// Encoding is the encoding in which the file was read: utf-8, utf-16le,
	// utf-16be, windows-1252 …; see package charset.
	Encoding string
	// EncodingDoubt is another encoding that is nearly as likely, or empty.
	EncodingDoubt string
	// HeaderLine is the line of the header, from 1. What stands above it is no
	// row and is counted nowhere.
	HeaderLine int
	// Source names where the record ids come from (hubspot, salesforce …, or
	// Options.Source); empty when nothing says so.
	Source string
	// WithoutEmail counts the rows in which no address was given, InvalidEmail
	// those that are kept without one because what was given cannot be an
	// address. No row is counted in both.
	WithoutEmail, InvalidEmail int
	// Skipped counts the records that are not in Rows: blank ones, and those
	// that identify nobody (these are reported too).
	Skipped int

	noted map[Problem]int // index of a problem that is counted
}

// Read reads a whole export. The error is one sentence for an operator: the
// stream is not a CSV, no column is recognised, or Map names a column that does
// not exist. Doubts about single records are no errors but Problems.
func Read(r io.Reader, o Options) (File, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return File{}, fmt.Errorf("read the file: %w", err)
	}
	if sentence := notCSV(content[:min(len(content), peekSize)]); sentence != "" {
		return File{}, errors.New(sentence)
	}
	decoded, err := charset.Decode(content, o.Encoding)
	if err != nil {
		return File{}, err
	}
	at := locate(decoded.Text, o)
	if at.header == 0 {
		if o.HeaderLine > 0 {
			return File{}, fmt.Errorf("there is nothing at line %d; expected a line with the names of the columns", o.HeaderLine)
		}
		return File{}, errors.New("the file is empty; expected a CSV with a line that names the columns")
	}
	file := File{Delimiter: string(at.delim), Encoding: decoded.Encoding}
	file.encoded(decoded)
	s := newScanner(bufio.NewReaderSize(bytes.NewReader(decoded.Text), peekSize), at.delim)
	if at.sep {
		s.lines.next() //nolint:errcheck // it has just been looked at
	}
	header, line, err := headerAt(s, at.header)
	if err != nil {
		return File{}, err
	}
	file.HeaderLine = line
	plan, err := newPlan(header, at, o)
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
	file.Source = file.source(plan, o.Source)
	slices.SortStableFunc(file.Problems, func(a, b Problem) int { return a.Line - b.Line })
	return file, nil
}

// encoded reports what is doubtful about the encoding.
func (f *File) encoded(d charset.Result) {
	if d.Doubt != nil {
		f.EncodingDoubt = d.Doubt.Other
		f.report(d.Doubt.Line, "", d.Doubt.Here, "the file is read as %s; as %s this would be %q; --encoding %s says so", d.Encoding, d.Doubt.Other, d.Doubt.There, d.Doubt.Other)
	}
	for _, stray := range d.Strays {
		f.note(stray.Line, "", stray.Text, fmt.Sprintf("the file is utf-8 but for this, which was read as %s", stray.Encoding))
	}
}

// note reports a problem that many rows may have: it is listed once for each
// column and value, with its first line and the number of rows.
func (f *File) note(at int, column, value, problem string) {
	key := Problem{Column: column, Value: value, Problem: problem}
	if f.noted == nil {
		f.noted = map[Problem]int{}
	}
	if i, ok := f.noted[key]; ok {
		f.Problems[i].Rows = max(2, f.Problems[i].Rows+1)
		return
	}
	f.noted[key] = len(f.Problems)
	f.Problems = append(f.Problems, Problem{Line: at, Column: column, Value: value, Problem: problem})
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
