package operator

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"relance/internal/campaign"
	"relance/internal/contactcsv"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// targetColumns are what files call the column of addresses or domains.
var targetColumns = []string{"target", "email", "e-mail", "email address", "e-mail address", "address", "recipient", "domain"}

// mostWrong is how many wrong lines are named.
const mostWrong = 5

// readSuppressions reads a list of addresses and domains: one a line, or a CSV file with a header
// that names their column (one of targetColumns), and perhaps one called note, as
// starter suppress export writes it. Each is taken once.
func readSuppressions(content []byte, note string) ([]store.ToSuppress, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	reader.FieldsPerRecord, reader.LazyQuotes = -1, true
	first, _, _ := strings.Cut(string(content), "\n")
	for _, delimiter := range []rune{';', '\t'} {
		if strings.Count(first, string(delimiter)) > strings.Count(first, string(reader.Comma)) {
			reader.Comma = delimiter
		}
	}
	var targets []store.ToSuppress
	var wrong []string
	seen, at, noteAt, begun := map[string]bool{}, 0, -1, false
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, invalid("file", err)
		}
		if !begun {
			if begun = true; isHeader(record, &at, &noteAt) {
				continue
			}
		}
		line, _ := reader.FieldPos(0)
		if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		target, err := campaign.SuppressionTarget(cell(record, at))
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("line %d: %s", line, err))
		case !seen[target]:
			seen[target] = true
			of := store.ToSuppress{Target: target, Reason: store.SuppressedImported, Note: note}
			if own := plaintext.Line(contactcsv.Undefused(cell(record, noteAt)), longestNote); own != "" {
				of.Note = own
			}
			targets = append(targets, of)
		}
	}
	switch {
	case len(wrong) > mostWrong:
		return nil, &Invalid{Field: "file", Text: fmt.Sprintf("%s; and %d more", strings.Join(wrong[:mostWrong], "; "), len(wrong)-mostWrong)}
	case len(wrong) > 0:
		return nil, &Invalid{Field: "file", Text: strings.Join(wrong, "; ")}
	case len(targets) == 0:
		return nil, &Invalid{Field: "file", Text: "there is no address and no domain in it; expected one a line"}
	}
	return targets, nil
}

// isHeader is true of a first line that names a column, and says which.
func isHeader(record []string, at, noteAt *int) bool {
	names := make([]string, len(record))
	for i, name := range record {
		names[i] = strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(name, "_", " ")), " "))
	}
	for _, column := range targetColumns {
		if found := slices.Index(names, column); found >= 0 {
			*at, *noteAt = found, slices.Index(names, "note")
			return true
		}
	}
	return false
}

func cell(record []string, at int) string {
	if at < 0 || at >= len(record) {
		return ""
	}
	return record[at]
}
