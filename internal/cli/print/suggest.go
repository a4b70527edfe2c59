package print

import (
	"slices"
	"strings"
)

// Alternatives continues a sentence about a name that does not exist: with the
// nearest name when one is near, else with those that exist.
func Alternatives(name string, existing []string) string {
	if near := nearest(name, existing); near != "" {
		return "; did you mean " + near + "?"
	}
	const most = 10
	names := slices.Sorted(slices.Values(existing))
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		return "; there are " + strings.Join(names[:most], ", ") + ", …"
	case len(names) == 1:
		return "; there is only " + names[0]
	}
	return "; there are " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// nearest is the existing name that a slip of the hand would turn into name,
// or that begins like it; empty when none does.
func nearest(name string, existing []string) string {
	best, least := "", 1+max(1, len(name)/3)
	for _, candidate := range existing {
		d := distance(strings.ToLower(name), strings.ToLower(candidate))
		if len(name) >= 2 && strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(name)) {
			d = min(d, 1)
		}
		if d < least {
			best, least = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
