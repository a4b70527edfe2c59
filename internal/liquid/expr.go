package liquid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// expr is an expression. eval works it out for a contact, kind says what can be known
// of its value without one.
type expr interface {
	eval(r *run) (value, error)
	kind(s *scope) kind
}

type (
	literal  struct{ v any }
	variable struct {
		name string
		line int
	}
	// property is of.name and of["name"].
	property struct {
		of   expr
		name string
		line int
	}
	// index is of[key] for a key that is not a quoted text.
	index struct {
		of, key expr
		line    int
	}
	filtered struct {
		of   expr
		name string
		args []expr
		line int
	}
	comparison struct {
		op          string
		left, right expr
		line        int
	}
	logic struct {
		or          bool
		left, right expr
	}
)

// literals are the names that are values, in any case. empty and blank are what a missing value is.
var literals = map[string]any{"true": true, "false": false, "nil": nil, "null": nil, "none": nil, "empty": empty{}, "blank": empty{}}

var comparisons = []string{"==", "!=", "<>", "<", ">", "<=", ">=", "contains"}

// parser reads the tokens of one expression.
type parser struct {
	tokens []token
	line   int
	// mixed is true when the expression has and beside or without brackets.
	mixed bool
	depth int
	// outside is true of a condition that stands in no template.
	outside bool
}

func newParser(text string, line int) (*parser, error) {
	tokens, err := lex(text, templateHabits)
	return &parser{tokens: tokens, line: line}, err
}

func (p *parser) peek() token {
	if len(p.tokens) == 0 {
		return token{}
	}
	return p.tokens[0]
}

func (p *parser) take() token {
	t := p.peek()
	if len(p.tokens) > 0 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token when it is this sign or word.
func (p *parser) accept(text string) bool {
	if t := p.peek(); t.text == text && t.kind != valueToken && t.kind != endToken {
		p.take()
		return true
	}
	return false
}

// end is an error when something is left over.
func (p *parser) end() error {
	t := p.peek()
	switch {
	case t.kind == endToken:
		return nil
	case t.kind == signToken && t.text == "=":
		return errors.New("has =, which does not belong here: write == to compare")
	case t.kind == nameToken && slices.Contains([]string{"is", "eq", "equals"}, t.text):
		return fmt.Errorf("has %q, which does not belong here: write ==, and != blank for a value that is there", t.text)
	case t.kind == nameToken && slices.Contains([]string{"like", "ilike", "matches", "includes", "has", "starts_with", "startswith"}, strings.ToLower(t.text)):
		return fmt.Errorf("has %q, which does not belong here: write contains 'text' for a part of a text", t.text)
	case t.kind == nameToken && strings.ToLower(t.text) == "in":
		return fmt.Errorf("has %q, which does not belong here: write a comparison for each value, joined by or", t.text)
	case t.kind == nameToken:
		return fmt.Errorf("has %q, which does not belong here: a name is one word, as first_name, and a text stands in quotes", shorten(t.text, 40))
	}
	if t.text == "," {
		return errors.New("has a comma, which does not belong here: numbers are written as 1000 and 1.5")
	}
	return fmt.Errorf("has %q, which does not belong here", shorten(t.text, 40))
}

// condition is comparisons joined by and and or, worked out from the left.
func (p *parser) condition() (expr, error) {
	left, err := p.comparison()
	first := ""
	for err == nil {
		word := p.peek().text
		if !p.accept("and") && !p.accept("or") {
			break
		}
		if first == "" {
			first = word
		}
		p.mixed = p.mixed || word != first
		var right expr
		if right, err = p.comparison(); err == nil {
			left = logic{word == "or", left, right}
		}
	}
	return left, err
}

func (p *parser) comparison() (expr, error) {
	left, err := p.filtered()
	if err != nil {
		return nil, err
	}
	op := p.peek().text
	if p.peek().kind == valueToken || !slices.Contains(comparisons, op) {
		return left, nil
	}
	p.take()
	if next := p.peek(); op == "contains" && next.kind == valueToken { // a part of a text: 01 is not 1
		p.tokens[0].value = next.text
	}
	right, err := p.filtered()
	if err != nil {
		return nil, err
	}
	if op == "<>" {
		op = "!="
	}
	return comparison{op, left, right, p.line}, nil
}

// filtered is a value and the filters that it passes through.
func (p *parser) filtered() (expr, error) {
	of, err := p.value()
	for err == nil && p.accept("|") {
		name := p.take()
		f, known := filters[name.text]
		if name.kind != nameToken || !known {
			return nil, noFilter(name, p.outside)
		}
		var args []expr
		for more := p.accept(":"); more; more = p.accept(",") {
			arg, err := p.value()
			if err != nil {
				return nil, err
			}
			args = append(args, arg)
		}
		if len(args) < f.least || len(args) > f.most {
			return nil, fmt.Errorf("uses the filter %s with %d values; write %s", name.text, len(args), f.usage)
		}
		of = filtered{of, name.text, args, p.line}
	}
	return of, err
}

// otherNames are what other dialects call the filters that are here.
var otherNames = map[string]string{"lower": "downcase", "lowercase": "downcase", "tolower": "downcase", "upper": "upcase", "uppercase": "upcase", "toupper": "upcase", "title": "capitalize", "titlecase": "capitalize", "title_case": "capitalize", "ucfirst": "capitalize",
	"trim": "strip", "length": "size", "count": "size", "datetimeformat": "date", "date_format": "date", "format_date": "date", "strftime": "date", "fallback": "default", "default_if_none": "default", "otherwise": "default", "striptags": "strip_html", "int": "plus: 0", "number": "plus: 0"}

// otherFilters are those of other dialects, which nobody means as a text.
var otherFilters = []string{"map", "where", "find", "sum", "inspect", "type", "money", "pluralize", "base64_encode", "base64_decode", "safe", "raw", "include"}

// insteadOfNot says how to write what somebody has begun with not.
func (p *parser) insteadOfNot(text string) string {
	switch {
	case text != "not":
		return ""
	case p.outside:
		return ": write x != y, or x = blank for no value"
	}
	return ": write {% unless x %} or x != y"
}

func noFilter(name token, outside bool) error {
	text := shorten(name.text, 40)
	switch {
	case name.text == "|" && name.kind == signToken && outside:
		return errors.New("has ||: write or")
	case name.text == "|" && name.kind == signToken:
		return errors.New("has ||: write or between conditions, and | default: 'text' for what stands in")
	case name.kind == endToken || name.kind == signToken:
		return errors.New(`uses the filter "", which does not exist: write its name behind the |`)
	case name.kind == valueToken:
		return fmt.Errorf("has a text where the name of a filter belongs: write | default: '%s'", text)
	}
	if here := otherNames[strings.ToLower(name.text)]; here != "" {
		return fmt.Errorf("uses the filter %q, which does not exist: write | %s", text, filterUsage(here))
	}
	if meant := near(name.text, filterNames); meant != "" {
		return fmt.Errorf("uses the filter %q, which does not exist: did you mean %s?", text, meant)
	}
	if slices.Contains(otherFilters, name.text) {
		return fmt.Errorf("uses the filter %q, which does not exist here", text)
	}
	if outside {
		return fmt.Errorf("uses the filter %q, which does not exist; filters are those of templates, as %s", text, filterUsage("downcase"))
	}
	return fmt.Errorf("uses the filter %q, which does not exist: for a text that stands in, write | default: '%s'", text, text)
}

// filterUsage is how a filter is written, with what it takes.
func filterUsage(name string) string {
	if f, ok := filters[name]; ok && f.least > 0 {
		return strings.TrimPrefix(f.usage, "| ")
	}
	return name
}

const (
	maxDepth = 100 // brackets within each other
	maxParts = 10  // behind a name
)

// value is a name, a number, a text or a condition in brackets, and what stands behind it.
func (p *parser) value() (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errors.New("has too many brackets within each other")
	}
	defer func() { p.depth-- }()
	var of expr
	t := p.take()
	switch {
	case t.kind == valueToken:
		of = literal{t.value}
	case t.kind == nameToken:
		if v, ok := literals[strings.ToLower(t.text)]; ok {
			of = literal{v}
			break
		}
		if t.text == "and" || t.text == "or" || t.text == "contains" || t.text == "not" {
			return nil, fmt.Errorf("has %q where a value belongs%s", t.text, p.insteadOfNot(t.text))
		}
		of = variable{t.text, p.line}
	case t.kind == signToken && t.text == "(":
		inner, err := p.condition()
		if err != nil {
			return nil, err
		}
		if p.accept("..") {
			return nil, errors.New("counts through a range, which messages cannot")
		}
		if !p.accept(")") {
			return nil, errors.New("has a ( without its )")
		}
		of = inner
	case t.kind == endToken:
		return nil, errors.New("is not finished: a value is missing")
	case t.text == ".":
		return nil, errors.New("has a name that begins with a dot: write the name alone, as first_name")
	default:
		return nil, fmt.Errorf("has %q where a value belongs", t.text)
	}
	return p.parts(of)
}

// parts reads .name and [key] behind a value.
func (p *parser) parts(of expr) (expr, error) {
	for n := 0; ; n++ {
		switch {
		case n > maxParts:
			return nil, errors.New("has a name of too many parts: write it alone, as first_name")
		case p.accept("."):
			name := p.take()
			if name.kind != nameToken {
				return nil, errors.New("has a dot without a name behind it")
			}
			of = property{of, name.text, p.line}
		case p.accept("["):
			key, err := p.filtered()
			if err != nil {
				return nil, err
			}
			if !p.accept("]") {
				return nil, errors.New("has a [ without its ]")
			}
			if quoted, ok := key.(literal); ok {
				if name, ok := quoted.v.(string); ok {
					of = property{of, name, p.line}
					continue
				}
			}
			of = index{of, key, p.line}
		case p.peek().kind == signToken && p.peek().text == "(":
			instead := ", and | default: 'text'"
			if p.outside {
				instead = ", or a filter behind it, as | " + filterUsage("downcase")
			}
			return nil, fmt.Errorf("calls %s like a function, which Liquid has not: write the name alone, as first_name%s", written(of), instead)
		case p.peek().kind == signToken && p.peek().text == "..":
			if p.depth == 1 {
				return nil, errors.New("counts through a range, which messages cannot")
			}
			return of, nil
		default:
			return of, nil
		}
	}
}

// written is how a template says a value, as far as errors show it.
func written(of expr) string {
	switch of := of.(type) {
	case variable:
		return shorten(of.name, 60)
	case property:
		return shorten(written(of.of)+"."+of.name, 60)
	case index:
		return shorten(written(of.of)+"[…]", 60)
	case filtered:
		return shorten(written(of.of)+" | "+of.name, 60)
	case literal:
		if text, ok := of.v.(string); ok {
			return quote(text)
		}
		switch of.v.(type) {
		case nil:
			return "nil"
		case empty:
			return "blank"
		}
		return display(of.v)
	}
	return "a condition"
}
