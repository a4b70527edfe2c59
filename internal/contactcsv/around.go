package contactcsv

import (
	"regexp"
	"strings"
	"unicode"
)

// takeBrackets cuts what stands in brackets: "John Smith (Acme)".
func takeBrackets(whole string) (rest, note string) {
	open := strings.IndexAny(whole, "([")
	shut := strings.LastIndexAny(whole, ")]")
	if open < 0 || shut < open {
		return whole, ""
	}
	rest = strings.Join(strings.Fields(whole[:open]+" "+whole[shut+1:]), " ")
	if rest == "" {
		return strings.TrimSpace(whole[open+1 : shut]), ""
	}
	return rest, strings.TrimSpace(whole[open+1 : shut])
}

// strokes part a name from what people write after it: Ada Ly | Acme, Ada Ly - CTO.
var strokes = regexp.MustCompile(`^(.+?)\s+(?:[|•·@]|(?:[-–—]))\s+(.+)$`)

// takeBehind cuts what stands behind a stroke. A dash cuts only a name of several words:
// Smith - Jones is one.
func takeBehind(whole string) (rest, note string) {
	found := strokes.FindStringSubmatch(whole)
	if found == nil || len(strings.Fields(found[1])) < 2 {
		return whole, ""
	}
	return found[1], found[2]
}

// withoutPictures leaves out emoji and other signs, which are no letters of a name.
func withoutPictures(name string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.So, r) || unicode.Is(unicode.Variation_Selector, r) || r >= 0x1f3fb && r <= 0x1f3ff {
			return -1
		}
		return r
	}, name)
	if bare == name {
		return name
	}
	return strings.Join(strings.Fields(bare), " ")
}

// unquote takes off the quotes around a whole name, and the apostrophe by which
// spreadsheets protect a text; 't Hooft keeps his.
func unquote(s string) string {
	for _, pair := range []string{`''`, `""`, "‘’", "“”", "„“", "«»", "``", "´´", "’’"} {
		marks := []rune(pair)
		if rest, ok := strings.CutPrefix(s, string(marks[0])); ok {
			if inner, ok := strings.CutSuffix(rest, string(marks[1])); ok {
				return strings.TrimFunc(inner, outer)
			}
		}
	}
	rest, ok := strings.CutPrefix(s, "'")
	if !ok || rest == "" {
		return s
	}
	if first, after, two := strings.Cut(rest, "' "); two && !strings.ContainsAny(first, " '") {
		return strings.TrimFunc(first+" "+after, outer) // 'John' Smith
	}
	if r := []rune(rest); len(r) > 1 && unicode.IsLower(r[0]) && (r[1] == ' ' || r[1] == '-') {
		return s // 't Hooft, 's-Gravesande
	}
	return strings.TrimFunc(rest, outer)
}
