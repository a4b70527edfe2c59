package liquid

import (
	"fmt"
	"slices"
	"strings"
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
	defaulted bool            // a default stands in for what is named here
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
