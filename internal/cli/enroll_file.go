package cli

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

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
