package liquid

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (l literal) kind(*scope) kind { return kindOf(l.v) }

func (v variable) kind(s *scope) kind {
	if k, ok := s.locals[v.name]; ok {
		return k
	}
	switch v.name {
	case "contact":
		return contactKind
	case "forloop":
		s.report(v.line, "names forloop outside of a {% for %}")
		return loopKind
	}
	return s.names(v.name, v.line)
}

// collections are what other products call the custom fields within a contact.
var collections = []string{"fields", "custom_fields", "customfields", "custom", "properties", "attributes"}

func (p property) kind(s *scope) kind {
	if of, ok := p.of.(property); ok && of.of == (variable{"contact", p.line}) && slices.Contains(collections, strings.ToLower(of.name)) {
		s.report(p.line, fmt.Sprintf("names %s: a contact's fields are variables themselves: write %s", written(p), keyOf(p.name)))
		return scalarKind
	}
	switch of := p.of.kind(s); {
	case of == contactKind && slices.Contains(collections, strings.ToLower(p.name)):
		s.report(p.line, fmt.Sprintf("names %s: a contact's fields are variables themselves: write the name of one, as job_title", written(p)))
	case of == contactKind:
		return s.names(p.name, p.line)
	case of == loopKind && !slices.Contains(strings.Fields("first last index index0 rindex rindex0 length"), p.name):
		s.report(p.line, fmt.Sprintf("names %s, which a loop does not have: write forloop.index, first, last or length", written(p)))
	case of == listKind && !slices.Contains([]string{"first", "last", "size"}, p.name):
		s.report(p.line, fmt.Sprintf("names %s, which a list does not have: write first, last or size", written(p)))
	case of == scalarKind && p.name != "size":
		s.report(p.line, noPart(p))
	}
	return scalarKind
}

func (i index) kind(s *scope) kind {
	of := i.of.kind(s)
	i.key.kind(s)
	if of != listKind && of != contactKind {
		s.report(i.line, fmt.Sprintf("asks %s for an element, which only a list has: write {%% assign list = %s | split: ',' %%}", written(i.of), written(i.of)))
	}
	return scalarKind
}

func (f filtered) kind(s *scope) kind {
	outer, isDefault := s.defaulted, f.name == "default"
	s.defaulted = outer || isDefault
	k := f.of.kind(s)
	s.defaulted = outer && isDefault // no default stands in for what another filter adds
	defer func() { s.defaulted = outer }()
	for _, arg := range f.args {
		if a := s.value(arg, f.line); a == contactKind || a == loopKind || a == listKind && f.name != "concat" && f.name != "default" {
			s.report(f.line, wrongArg(f, arg, a))
		}
	}
	if f.name == "default" || f.name == "append" || f.name == "prepend" {
		s.bareWord(f.args[0])
	}
	def := filters[f.name]
	if k != nothingKind && !def.takes(k) {
		s.report(f.line, wrongInput(f, k))
	}
	if v, ok := f.of.(variable); ok && f.name == "date" && (v.name == "now" || v.name == "today") {
		if _, local := s.locals[v.name]; !local {
			s.report(f.line, fmt.Sprintf("names the variable %s, which no contact has: write '%s' in quotes", v.name, v.name))
		}
	}
	s.arguments(f)
	if format, ok := lastLiteral(f.args); ok && f.name == "date" {
		if why := wrongFormat(format); why != "" {
			s.report(f.line, why)
		}
	}
	if f.name == "default" && k != nothingKind {
		return k
	}
	return def.makes
}

// arguments tries what the template gives a filter on a number and on a list: what fails
// for these fails for every contact.
func (s *scope) arguments(f filtered) {
	def := filters[f.name]
	if def.do == nil || f.name == "date" || len(f.args) == 0 || constant(f.of) || slices.ContainsFunc(f.args, func(arg expr) bool { return !constant(arg) }) {
		return
	}
	r, of := newRun("", nil), value{v: "1"}
	if def.list {
		of.v = []any{"1"}
	}
	args := make([]value, len(f.args))
	for i, arg := range f.args {
		var err error
		if args[i], err = arg.eval(r); err != nil {
			return // said where the argument is checked
		}
		if k := kindOf(args[i].v); k == contactKind || k == loopKind || k == listKind && f.name != "concat" {
			return
		}
	}
	if _, err := def.do(r, call{in: of, args: args, line: f.line}); err != nil {
		s.report(f.line, strings.TrimPrefix(err.Error(), fmt.Sprintf("line %d ", f.line)))
	}
}

func lastLiteral(args []expr) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	l, ok := args[len(args)-1].(literal)
	text, isText := l.v.(string)
	return text, ok && isText
}

func (c comparison) kind(s *scope) kind {
	if _, text := c.left.(literal); !text && !strings.ContainsAny(c.op, "<>") {
		s.bareWord(c.right)
	}
	for _, side := range []expr{c.left, c.right} {
		k := s.value(side, c.line)
		if k == contactKind || k == loopKind {
			s.report(c.line, fmt.Sprintf("compares %s, which is %s: name one of its variables, as first_name", written(side), k))
		}
		if l, ok := side.(literal); ok && strings.ContainsAny(c.op, "<>") {
			if _, truth := l.v.(bool); truth || kindOf(l.v) == nothingKind {
				s.report(c.line, fmt.Sprintf("compares by %s with %s, which is neither more nor less than anything: write == or !=", c.op, written(side)))
			}
		}
	}
	return scalarKind
}

// bareWord refuses a text without its quotes: country == France. A variable begins with a
// small letter, or is one that every contact has.
func (s *scope) bareWord(of expr) {
	v, ok := of.(variable)
	if !ok || slices.Contains(ownNames, keyOf(v.name)) {
		return
	}
	first, _ := utf8.DecodeRuneInString(v.name)
	if _, local := s.locals[v.name]; !local && unicode.IsUpper(first) {
		s.report(v.line, fmt.Sprintf("names %s: write '%s' if it is a text, and %s if it is a variable", shorten(v.name, 40), shorten(v.name, 40), keyOf(shorten(v.name, 40))))
	}
}

func (l logic) kind(s *scope) kind {
	l.left.kind(s)
	l.right.kind(s)
	return scalarKind
}

// lineOf is the line that an expression stands in.
func lineOf(of expr) int {
	switch of := of.(type) {
	case variable:
		return of.line
	case property:
		return of.line
	case index:
		return of.line
	case filtered:
		return of.line
	case comparison:
		return of.line
	case logic:
		return lineOf(of.left)
	}
	return 1
}
