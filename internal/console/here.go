package console

import "strings"

// here is the aria-current of the navigation's link to a part of the console: "page" on
// the very page, "true" on one below it, empty elsewhere. The repair of a cause is below
// the first page, the bounced addresses below the suppressed ones.
func here(f *frame, part string) string {
	path, _, _ := strings.Cut(strings.TrimPrefix(f.From, "/"), "?")
	first, _, below := strings.Cut(path, "/")
	switch {
	case path == part:
		return "page"
	case below && (first == part || first == "cause" && part == ""), first == "bounces" && part == "suppression":
		return "true"
	}
	return ""
}
