package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// readFile reads a file that was named on the command line; - is standard input.
func (s *session) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.Stdin)
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, notFoundf("there is no file %s", name)
	}
	return content, err
}

// readIDs reads the ids (or addresses) of contacts from a CSV file: from the
// column called id or contactId, else from the first. Comma, semicolon and tab
// are understood, with and without a header.
func (s *session) readIDs(name string) ([]string, error) {
	content, err := s.readFile(name)
	if err != nil {
		return nil, err
	}
	reader := newCSV(content)
	column, texts := 0, []string{}
	for first := true; ; first = false {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, usagef("%s cannot be read: %v", name, err)
		}
		if first {
			var header bool
			if column, header = idColumn(record); header {
				continue
			}
		}
		if column >= len(record) || strings.TrimSpace(record[column]) == "" {
			continue
		}
		text := strings.TrimSpace(record[column])
		if !isContact(text) {
			line, _ := reader.FieldPos(column)
			return nil, usagef("%s line %d: %q is neither the id of a contact (a number) nor an email address", name, line, text)
		}
		texts = append(texts, text)
	}
}

// idColumn finds the ids by the first record, and says whether it is a header.
func idColumn(record []string) (int, bool) {
	for i, cell := range record {
		switch strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(cell)) {
		case "id", "contactid":
			return i, true
		}
	}
	return 0, !isContact(strings.TrimSpace(record[0]))
}

func isContact(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil || strings.Contains(text, "@")
}

// newCSV reads what spreadsheets write: a byte order mark, and the delimiter
// that the first line uses most.
func newCSV(content []byte) *csv.Reader {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	first, _, _ := bytes.Cut(content, []byte("\n"))
	reader := csv.NewReader(bytes.NewReader(content))
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	for _, delimiter := range []rune{';', '\t'} {
		if strings.Count(string(first), string(delimiter)) > strings.Count(string(first), string(reader.Comma)) {
			reader.Comma = delimiter
		}
	}
	return reader
}

// columnsByName finds the columns of a header by their names, in any letter case.
func columnsByName(header []string, names ...string) (map[string]int, error) {
	columns := map[string]int{}
	for i, cell := range header {
		columns[strings.ToLower(strings.TrimSpace(cell))] = i
	}
	for _, name := range names {
		if _, ok := columns[name]; !ok {
			return nil, fmt.Errorf("it has no column %s; expected at least %s", name, strings.Join(names, ", "))
		}
	}
	return columns, nil
}
