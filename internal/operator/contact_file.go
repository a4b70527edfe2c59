package operator

import (
	"fmt"
	"io"

	"relance/internal/campaign"
	"relance/internal/contactcsv"
	"relance/internal/store"
)

// FileOptions say how a file of contacts is read, the same wherever one is. The
// zero value recognises everything.
type FileOptions struct {
	// Map says what a column is, by its header; see contactcsv.Options.
	Map map[string]string
	// Encoding names the encoding of the file: utf-8, windows-1250, macintosh …
	Encoding string
	// HeaderLine is the line with the names of the columns, from 1.
	HeaderLine int
	// Source names the product whose record ids the file has.
	Source string
}

// FileRead is how a file of contacts was read.
type FileRead struct {
	Encoding string `json:"encoding"`
	// EncodingDoubt is another encoding that is nearly as likely; usually empty.
	EncodingDoubt string `json:"encodingDoubt"`
	Delimiter     string `json:"delimiter"`
	HeaderLine    int    `json:"headerLine"`
	// Source is the product whose record ids these are, empty when unknown.
	Source  string       `json:"source"`
	Columns []FileColumn `json:"columns"`
}

// FileColumn says how one column of a file is read.
type FileColumn = contactcsv.Column

// FileProblem is a line of a file that a person should look at.
type FileProblem = contactcsv.Problem

// contactFile is a file of contacts, each person once.
type contactFile struct {
	contactcsv.File
	unique     []contactcsv.Row
	duplicates int
}

// check refuses what no file can be read by.
func (f FileOptions) check() error {
	if f.HeaderLine < 0 {
		return &Invalid{Field: "header-line", Problem: fmt.Sprintf("is %d; expected the number of a line, from 1", f.HeaderLine)}
	}
	return nil
}

func (f FileOptions) reading(ownIDs bool) contactcsv.Options {
	return contactcsv.Options{Map: f.Map, Encoding: f.Encoding, HeaderLine: f.HeaderLine, Source: f.Source, OwnIDs: ownIDs}
}

// readContacts reads a file of contacts; an Invalid when it cannot be read.
func readContacts(content io.Reader, o contactcsv.Options) (contactFile, error) {
	file, err := contactcsv.Read(content, o)
	if err != nil {
		return contactFile{}, invalid("file", err)
	}
	unique, duplicates, problems := file.Unique()
	file.Problems = append(file.Problems, problems...)
	return contactFile{file, unique, duplicates}, nil
}

// rows are the people of the file as the database takes them.
func (f contactFile) rows() []store.ImportRow {
	rows := make([]store.ImportRow, len(f.unique))
	for i, row := range f.unique {
		c := row.Contact
		rows[i] = store.ImportRow{Contact: c, Source: f.Source, Also: row.Also, Person: contactcsv.Person(campaign.Contact{
			FirstName: c.FirstName, LastName: c.LastName, Company: c.Company, Phone: c.Phone,
		})}
	}
	return rows
}

func (f contactFile) read() FileRead {
	return FileRead{f.Encoding, f.EncodingDoubt, f.Delimiter, f.HeaderLine, f.Source, list(f.Columns)}
}
