package workspace

import (
	"fmt"
	"strings"
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
	if len(given) > 64 {
		return ""
	}
	best, least := "", len(given)/3+2
	for _, value := range values {
		if d := distance(strings.ToLower(given), strings.ToLower(value)); d < least {
			best, least = value, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is how many letters have to change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
