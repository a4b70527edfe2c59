package inbound

import (
	"strings"

	"relance/internal/inbound/pattern"
)

// fields are "Name: value" lines of a machine-readable part, by their names in lower case.
// A field that comes several times has several values.
type fields map[string][]string

func (f fields) get(name string) string {
	if v := f[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// typed is the value behind the type of "rfc822; anna@example.com" (RFC 3464 §2.1.2).
func (f fields) typed(name string) string {
	return untyped(f.get(name))
}

func untyped(value string) string {
	if kind, rest, ok := strings.Cut(value, ";"); ok && typeName.MatchString(strings.TrimSpace(kind)) {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(value)
}

var (
	typeName  = pattern.New(`^[A-Za-z][A-Za-z0-9-]*$`)
	fieldLine = pattern.New(`^([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)$`)
)

// groups parts a machine-readable part into groups of fields at its blank lines, and
// before a field of the given name when the group has one already: some writers leave the
// blank line out.
func groups(content, opener string) []fields {
	var all []fields
	var current fields
	var last string
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			current, last = nil, ""
			continue
		}
		m := fieldLine.FindStringSubmatch(line)
		if m == nil || line[0] == ' ' || line[0] == '\t' {
			if v := current[last]; len(v) > 0 {
				v[len(v)-1] = strings.TrimSpace(v[len(v)-1] + " " + strings.TrimSpace(line))
			}
			continue
		}
		last = strings.ToLower(m[1])
		if current == nil || last == opener && len(current[opener]) > 0 {
			current = fields{}
			all = append(all, current)
		}
		current[last] = append(current[last], strings.TrimSpace(m[2]))
	}
	return all
}
