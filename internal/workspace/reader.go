package workspace

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"relance/internal/campaign"
	"relance/internal/plaintext"
)

// reader collects problems while it reads the tree. Each of its methods
// returns the zero value for what it has reported.
type reader struct {
	Options
	file      string
	lookupEnv func(string) (string, bool)
	problems  []*Problem
	users     []string // keys of the file and of Known
	accounts  []string // addresses of the file and of Known
	templates []Template
	ofStep    []Template // those of the step that is being read
}

// maxProblems is how many are shown: a file of another kind has thousands.
const maxProblems = 50

func (r *reader) add(line int, path, format string, args ...any) {
	r.problems = append(r.problems, &Problem{File: r.file, Line: line, Path: path, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) err() error {
	slices.SortStableFunc(r.problems, func(a, b *Problem) int { return a.Line - b.Line })
	var all []error
	for i, p := range r.problems {
		if i == maxProblems {
			all = append(all, fmt.Errorf("%s: and %d more problems", r.file, len(r.problems)-i))
			break
		}
		all = append(all, p)
	}
	return errors.Join(all...)
}

// wrong is true when a part of the file could not be read: what names
// something in it is then not to blame.
func (r *reader) wrong(part string) bool {
	return slices.ContainsFunc(r.problems, func(p *Problem) bool { return strings.HasPrefix(p.Path, part) })
}

// mapping returns the values of a mapping by key. Unknown and duplicate keys
// are reported; a key whose value is empty is as if it were missing.
func (r *reader) mapping(n *node, path string, keys ...string) map[string]*node {
	if n.kind != aMap {
		r.add(n.line, path, "this is %s; expected a mapping with %s", shown(n), listed(keys))
		return nil
	}
	out := map[string]*node{}
	lines := map[string]int{}
	for _, e := range n.entries {
		first, twice := lines[e.key]
		switch {
		case !slices.Contains(keys, e.key):
			r.add(e.line, path, "unknown key %q%s; expected %s", e.key, meant(e.key, keys), listed(keys))
		case twice:
			r.add(e.line, path, "the key %q is given twice, first in line %d", e.key, first)
		default:
			lines[e.key] = e.line
			if e.value.kind != aNull {
				out[e.key] = e.value
			}
		}
	}
	return out
}

// list reads every item of a list with read; a missing list is empty.
func list[T any](r *reader, n *node, path string, read func(*node, string) T) []T {
	if n == nil {
		return nil
	}
	if n.kind != aList {
		r.add(n.line, path, "this is %s; expected a list: put a - before each item", shown(n))
		return nil
	}
	out := make([]T, 0, len(n.items))
	for i, item := range n.items {
		out = append(out, read(item, fmt.Sprintf("%s[%d]", path, i)))
	}
	return out
}

// text reads a text; "" when it is missing or has been reported.
func (r *reader) text(n *node, path string) string {
	switch {
	case n == nil:
		return ""
	case n.kind == aText:
		return plaintext.Text(n.text, 0)
	case n.kind == aNumber || n.kind == aBool:
		r.add(n.line, path, "%s is read as %s; quote it: %q", n.text, n.kind, n.text)
	default:
		r.add(n.line, path, "this is %s; expected text", shown(n))
	}
	return ""
}

// need reads a text that must be there. within is the mapping that should have it.
func (r *reader) need(n *node, within *node, path, expected string) string {
	if n == nil {
		r.add(within.line, path, "missing; expected %s", expected)
		return ""
	}
	s := r.text(n, path)
	if n.kind == aText && strings.TrimSpace(s) == "" {
		r.add(n.line, path, "empty; expected %s", expected)
	}
	return s
}

var keyPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

const keyRule = "lower-case letters, digits and hyphens, at most 63, beginning with a letter or digit, for example q4-outreach"

// key reads a key or an id.
func (r *reader) key(n *node, within *node, path string) string {
	s := r.need(n, within, path, keyRule)
	if s != "" && strings.TrimSpace(s) != "" && !keyPattern.MatchString(s) {
		r.add(n.line, path, "%q is not a key; expected %s", s, keyRule)
		return ""
	}
	return s
}

// unique reports items of a list that have the same key, letter case aside.
func (r *reader) unique(n *node, path, key string) {
	if n == nil {
		return
	}
	seen := map[string]int{}
	for i, item := range n.items {
		for _, e := range item.entries {
			if e.key != key || e.value.kind != aText || e.value.text == "" {
				continue
			}
			value := strings.ToLower(e.value.text)
			if key == "address" {
				value = campaign.Spellings(value)[0]
			}
			if first, twice := seen[value]; twice {
				r.add(e.value.line, fmt.Sprintf("%s[%d].%s", path, i, key), "%q is used twice, first in line %d", e.value.text, first)
			} else {
				seen[value] = e.value.line
			}
			break
		}
	}
}

func shown(n *node) string {
	if n.kind == aMap || n.kind == aList || n.kind == aNull {
		return string(n.kind)
	}
	const enough = 60 // what is shown of a text that stands where something else should
	text := []rune(n.text)
	if len(text) > enough {
		text = append(text[:enough], '…')
	}
	return fmt.Sprintf("%s, %q", n.kind, string(text))
}
