package workspace

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"relance/internal/nearest"
)

// listed is "a, b or c".
func listed(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:len(values)-1], ", ") + " or " + values[len(values)-1]
}

// meant is ` (did you mean "x"?)` for the value that is nearest, or nothing
// when none is near.
func meant(given string, values []string) string {
	best := nearest.Word(given, values, utf8.RuneCountInString(given)/3+1)
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}
