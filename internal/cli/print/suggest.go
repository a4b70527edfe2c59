package print

import (
	"slices"
	"strings"
	"unicode/utf8"

	"relance/internal/nearest"
)

// Alternatives continues a sentence about a name that does not exist: with the
// nearest name when one is near, else with those that exist.
func Alternatives(name string, existing []string) string {
	if near := meant(name, existing); near != "" {
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

// meant is the existing name that a slip of the hand would turn into name, or
// that begins like it; empty when none does.
func meant(name string, existing []string) string {
	best, least := "", 1+max(1, utf8.RuneCountInString(name)/3)
	for _, candidate := range existing {
		d := nearest.Distance(name, candidate)
		if len(name) >= 2 && strings.HasPrefix(strings.ToLower(candidate), strings.ToLower(name)) {
			d = min(d, 1)
		}
		if d < least {
			best, least = candidate, d
		}
	}
	return best
}
