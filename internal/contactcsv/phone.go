package contactcsv

import (
	"regexp"
	"strings"
	"unicode"
)

// A phone number as people write it: digits and marks, and perhaps an extension.
var (
	number    = regexp.MustCompile(`^\+?[0-9 ()\[\]+./\\*#\x{2010}-\x{2015}-]+(?i:(?:,|;)?\s*(?:ext|extension|x|poste|app|dw|int|wew)\.?:?\s*[0-9]{1,6})?$`)
	rounded   = regexp.MustCompile(`^[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+$`)
	minDigits = 5
)

// isPhone is true when a person could dial it. It does not ask whether anybody answers.
func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= minDigits && digits <= 25 && number.MatchString(s)
}

// phoneCell reads a cell that is not blank and returns the first number in it
// with the parts that were not taken. problem says why there is none.
func phoneCell(cell string) (phone string, others []string, problem string) {
	whole := unprotect(line(cell))
	if len(whole) > 4 && strings.EqualFold(whole[:4], "tel:") {
		whole = whole[4:]
	}
	if isPhone(whole) {
		return whole, nil, ""
	}
	parts := strings.FieldsFunc(strings.ReplaceAll(text(cell), ":::", "\n"), func(r rune) bool { return r == ';' || r == ',' || r == '|' || r == '\n' })
	for _, part := range parts {
		part = unprotect(line(part))
		switch {
		case phone == "" && isPhone(part):
			phone = part
		case part != "":
			others = append(others, part)
		}
	}
	switch {
	case phone != "":
		return phone, others, ""
	case rounded.MatchString(whole):
		return "", nil, "a spreadsheet has rounded this number; format the column as text and export again"
	}
	return "", nil, "this is not a phone number; it is kept as a custom field"
}
