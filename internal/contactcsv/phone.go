package contactcsv

import (
	"regexp"
	"strings"

	"relance/internal/campaign"
)

// rounded is a number that a spreadsheet has made shorter.
var rounded = regexp.MustCompile(`^[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+$`)

// phoneCell reads a cell that is not blank and returns the first number in it
// with the parts that were not taken. problem says why there is none.
func phoneCell(cell string) (phone string, others []string, problem string) {
	whole := unprotect(line(cell))
	if len(whole) > 4 && strings.EqualFold(whole[:4], "tel:") {
		whole = whole[4:]
	}
	phone, err := campaign.ParseContactPhone(whole)
	if err == nil {
		return phone, nil, ""
	}
	parts := strings.FieldsFunc(strings.ReplaceAll(text(cell), ":::", "\n"), func(r rune) bool { return r == ';' || r == ',' || r == '|' || r == '\n' })
	for _, part := range parts {
		part = unprotect(line(part))
		switch {
		case part == "":
		case phone == "":
			if phone, err = campaign.ParseContactPhone(part); err != nil {
				others = append(others, part)
			}
		default:
			others = append(others, part)
		}
	}
	switch {
	case phone != "":
		return phone, others, ""
	case rounded.MatchString(whole):
		return "", nil, "a spreadsheet has rounded this number; format the column as text and export again"
	}
	if strings.HasPrefix(whole, "+") {
		return "", nil, "this is not a phone number that exists; it is kept as a custom field"
	}
	return "", nil, "this is not a phone number; it is kept as a custom field"
}
