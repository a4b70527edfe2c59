package liquid

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Validate finds what can be found without a contact, all of it, by line: broken syntax,
// tags and filters that do not exist, placeholders of other products and HTML, which would
// be sent as they stand, what is printed and is no text, and what cannot be worked out for
// anybody.
func Validate(template string) []Problem {
	if strings.TrimSpace(template) == "" {
		return []Problem{{1, "is empty"}}
	}
	nodes, reading := read(template)
	s := &scope{locals: map[string]kind{}}
	s.all(nodes)
	problems := slices.Concat(reading.problems, reading.doubts, s.problems)
	for _, text := range reading.texts {
		problems = append(problems, foreign(text.text, text.line)...)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return slices.Compact(problems)
}

// Variable is a contact's variable that a template names.
type Variable struct {
	Key string // first_name
	// Default is true when something stands in for the variable wherever it is named.
	Default bool
	Line    int // the first that names it, without a default if there is one
}

// Variables lists the contact's variables that a template names, in its order.
func Variables(template string) []Variable {
	nodes, _ := read(template)
	s := &scope{locals: map[string]kind{}}
	s.all(nodes)
	return s.variables
}

// printedBy is the variables that a template prints.
func printedBy(nodes []node) map[string]bool {
	s := &scope{locals: map[string]kind{}, prints: map[string]bool{}}
	s.all(nodes)
	return s.prints
}

// scope is what is known of a template's names while it is checked.
type scope struct {
	locals    map[string]kind
	problems  []Problem
	variables []Variable
	defaulted bool // a default stands in for what is named here
	printing  bool            // the expression is printed
	prints    map[string]bool // the variables that are printed, squeezed
}

func (s *scope) report(line int, text string) { s.problems = append(s.problems, Problem{line, text}) }

func (s *scope) all(nodes []node) {
	for _, n := range nodes {
		n.check(s)
	}
}

// names notes that the template names a contact's variable.
func (s *scope) names(name string, line int) kind {
	named := Variable{Key: keyOf(name), Line: line, Default: s.defaulted}
	if s.printing && s.prints != nil {
		s.prints[squeeze(named.Key)] = true
	}
	if slices.Contains([]string{"spin", "endspin", "random", "endrandom"}, named.Key) {
		s.report(line, "has {{ "+named.Key+" }}, which is spintax of another product, and every contact would read all of it: write one of them")
	}
	i := slices.IndexFunc(s.variables, func(v Variable) bool { return v.Key == named.Key })
	switch {
	case i < 0:
		s.variables = append(s.variables, named)
	case s.variables[i].Default && !named.Default:
		s.variables[i] = named
	}
	return scalarKind
}

// value checks an expression. One without variables is worked out: what fails then fails
// for everybody.
func (s *scope) value(of expr, line int) kind {
	before := len(s.problems)
	k := of.kind(s)
	if len(s.problems) > before || !constant(of) {
		return k
	}
	v, err := of.eval(newRun("", nil))
	if err != nil {
		s.report(line, strings.TrimPrefix(err.Error(), fmt.Sprintf("line %d ", line)))
		return k
	}
	return kindOf(v.v)
}

func constant(of expr) bool {
	switch of := of.(type) {
	case literal:
		return true
	case property:
		return constant(of.of)
	case index:
		return constant(of.of) && constant(of.key)
	case filtered:
		return constant(of.of) && !slices.ContainsFunc(of.args, func(arg expr) bool { return !constant(arg) })
	case comparison:
		return constant(of.left) && constant(of.right)
	case logic:
		return constant(of.left) && constant(of.right)
	}
	return false
}

func (textNode) check(*scope) {}
func (jumpNode) check(*scope) {}

func (n outputNode) check(s *scope) {
	before := len(s.problems)
	s.printing = true
	defer func() { s.printing = false }()
	if k := s.value(n.of, n.line); k != scalarKind && len(s.problems) == before {
		s.report(n.line, noText(n.of, k))
	}
}

func (n ifNode) check(s *scope) {
	for _, b := range n.branches {
		if b.when != nil {
			s.value(b.when, lineOf(b.when))
		}
		s.all(b.body)
	}
}

func (n caseNode) check(s *scope) {
	s.value(n.of, n.line)
	for _, w := range n.whens {
		for _, is := range w.is {
			s.value(is, n.line)
			s.bareWord(is)
		}
		s.all(w.body)
	}
}

func (n forNode) check(s *scope) {
	before := len(s.problems)
	k := s.value(n.of, n.line)
	if k != listKind && len(s.problems) == before {
		s.report(n.line, noList(n.of, k))
	}
	for _, of := range []expr{n.limit, n.offset} {
		if of != nil {
			s.value(of, n.line)
		}
	}
	defer func(kept map[string]kind) { s.locals = kept }(s.locals)
	s.locals = cloneWith(s.locals, n.name, scalarKind, "forloop", loopKind)
	s.all(n.body)
	s.all(n.none)
}

func (n assignNode) check(s *scope) {
	k := s.value(n.of, lineOf(n.of))
	if k == nothingKind {
		k = scalarKind // a start value, which another branch may replace
	}
	s.locals[n.name] = k
}

func (n captureNode) check(s *scope) {
	s.all(n.body)
	s.locals[n.name] = scalarKind
}

func (n cycleNode) check(s *scope) {
	for _, of := range n.of {
		outputNode{of, n.line}.check(s)
	}
}

func cloneWith(locals map[string]kind, name string, k kind, name2 string, k2 kind) map[string]kind {
	out := map[string]kind{}
	for name, k := range locals {
		out[name] = k
	}
	out[name], out[name2] = k, k2
	return out
}

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
