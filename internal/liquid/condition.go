package liquid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"relance/internal/campaign"
)

// Condition is a condition on a contact, with the grammar and the types of {% if %}:
//
//	company == "Northwind" and tag contains "lead"
//	country = 'BE' and (employees > 50 or vip = true)
//	email != blank
//
// Outside of templates a single = compares as well, and field.tag is the custom field tag.
type Condition struct{ of expr }

// ParseCondition reads a condition. The error is one clause that says what to write instead.
func ParseCondition(text string) (Condition, error) {
	if strings.TrimSpace(text) == "" {
		return Condition{}, errors.New(`is empty; expected a comparison, for example company = "Northwind"`)
	}
	tokens, err := lex(text, conditionHabits)
	if err != nil {
		return Condition{}, err
	}
	p := &parser{tokens: outside(tokens), line: 1, outside: true}
	of, err := p.condition()
	if err == nil {
		err = p.end()
	}
	if err == nil && p.mixed {
		err = errors.New("joins conditions by and as well as by or: put the ones that belong together in brackets")
	}
	if err != nil {
		return Condition{}, err
	}
	if err := operands(of); err != nil {
		return Condition{}, err
	}
	s := &scope{locals: map[string]kind{}}
	if k := of.kind(s); k == contactKind || k == loopKind {
		return Condition{}, fmt.Errorf("is %s and no comparison: name one of its variables, as first_name", k)
	}
	if len(s.problems) > 0 {
		return Condition{}, errors.New(s.problems[0].Text)
	}
	if len(s.variables) == 0 {
		return Condition{}, errors.New(`names no variable of a contact; expected a comparison, for example company = "Northwind"`)
	}
	return Condition{of}, nil
}

// operands finds a value that stands beside and or or by itself: it would hold for everybody, or for nobody.
func operands(of expr) error {
	l, ok := of.(logic)
	if !ok {
		return nil
	}
	for _, operand := range []expr{l.left, l.right} {
		if constant(operand) {
			return fmt.Errorf("has %s beside %s, which compares nothing: write each comparison out, as country = 'BE' or country = 'NL'", written(operand), map[bool]string{true: "or", false: "and"}[l.or])
		}
		if err := operands(operand); err != nil {
			return err
		}
	}
	return nil
}

// conditionHabits are those that people bring to conditions.
var conditionHabits = []habit{
	{"===", "write ="},
	{"&&", "write and"},
	{"&", "write and"},
	{"!=", "write !="},
	{"!", "write x != y, or x = blank for no value"},
	{"??", "write x = blank for no value"},
	{"?", "write x = blank for no value"},
	{"{", "write the comparison alone, as company = 'Northwind'"},
	{"}", "write the comparison alone, as company = 'Northwind'"},
	{"$", "write the name alone, as company"},
	{"@", "write the name alone, as company"},
	{"%", "write x contains 'text' for a part of a text"},
	{"*", "write x contains 'text' for a part of a text"},
	{"~", "write x contains 'text' for a part of a text"},
	{";", "write one condition, joined by and or by or"},
	{"\\", "write quotes of the other kind within quotes"},
	{"`", "write straight quotes: 'text'"},
}

// outside turns what may be written outside of templates into what stands in them.
func outside(tokens []token) []token {
	out := slices.Clone(tokens)
	for i, t := range out {
		switch {
		case t.kind == signToken && t.text == "=":
			out[i].text = "=="
		case t.kind == nameToken && t.text == "field" && i+1 < len(out) && out[i+1].kind == signToken && out[i+1].text == ".":
			out[i].text = "contact"
		}
	}
	return out
}

// Unfilled are the variables of the condition that are neither one of every contact's own
// nor one of these custom fields: it would choose nobody, and nobody would know why.
func (c Condition) Unfilled(customFields []string) []Unfilled {
	s := &scope{locals: map[string]kind{}}
	c.of.kind(s)
	return unfilledOf(s.variables, customFields)
}

// Undecided says why a condition cannot be decided for a contact: its value is neither a
// number nor a date where the condition compares with one.
type Undecided struct {
	// Variable is the contact's, Value what it has, cut at 60 letters.
	Variable, Value string
	// Reason is one clause.
	Reason string
}

func (u *Undecided) Error() string { return u.Reason }

// Holds says whether the condition holds for a contact. What it has no value for equals
// blank and nothing else. The error is an *Undecided.
func (c Condition) Holds(contact campaign.Contact) (bool, error) {
	r := newRun("", fieldsOf(Vars(contact)))
	holds, err := c.of.eval(r)
	if err != nil {
		var f *fault
		if errors.As(err, &f) {
			return false, &Undecided{Variable: f.variable, Value: f.value, Reason: f.reason}
		}
		return false, &Undecided{Reason: err.Error()}
	}
	return r.truth(holds), nil
}
