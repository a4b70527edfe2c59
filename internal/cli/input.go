package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"

	"relance/internal/operator"
)

// readFile reads a file that was named on the command line; - is standard input.
func (s *session) readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(s.Stdin)
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &operator.NotFound{Thing: "file", Key: name}
	}
	return content, err
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
