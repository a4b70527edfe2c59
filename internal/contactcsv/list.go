package contactcsv

import (
	"fmt"
	"strconv"
	"strings"

	"relance/internal/contactcsv/charset"
)

// Entry is one line of a bare list.
type Entry struct {
	Line int
	// Text is an id, as contacts list gives it, or an address.
	Text string
}

// ReadList reads a list without a header: each line that is not blank is a
// number or an address and nothing else. The numbers are our own ids: an export
// of another product names its columns. ok is false when the content is no such
// list, and Read is to be asked.
func ReadList(content []byte, o Options) (entries []Entry, ok bool, err error) {
	if len(o.Map) > 0 || o.HeaderLine > 0 || o.Source != "" {
		return nil, false, nil
	}
	decoded, err := charset.Decode(content, o.Encoding)
	if err != nil {
		return nil, false, fmt.Errorf("decode the list: %w", err)
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(decoded.Text))
	for i, cell := range strings.Split(text, "\n") {
		cell = strings.TrimFunc(strings.Trim(line(cell), `",;`), outer)
		if cell == "" {
			continue
		}
		if _, err := strconv.ParseInt(cell, 10, 64); err != nil && !isAddress(cell) {
			return nil, false, nil
		}
		entries = append(entries, Entry{i + 1, cell})
	}
	return entries, len(entries) > 0, nil
}
