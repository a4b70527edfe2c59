package liquid

import (
	"fmt"
	"strings"
)

// compare works out left op right as the writers of the template and of the contact's
// file mean it. Every value of a contact is a text:
//
//   - beside a number it is the number that it reads as, beside a truth value the truth
//     value. One that reads as neither is a fault that names it: "n/a" > 50.
//   - two texts are ordered as numbers or as dates when both are, else by their letters;
//     they are equal when they are the same, or say the same truth value ("TRUE", "true"; "Yes", "yes").
//   - a missing value equals nil, blank, empty and ”, and is neither greater nor less
//     than anything.
func (c comparison) compare(left, right value) (bool, error) {
	switch c.op {
	case "contains":
		return c.contains(left, right)
	case "==":
		return c.equal(left, right)
	case "!=":
		same, err := c.equal(left, right)
		return !same, err
	}
	return c.ordered(left, right)
}

func (c comparison) equal(left, right value) (bool, error) {
	if kindOf(left.v) == nothingKind || kindOf(right.v) == nothingKind {
		return isBlank(left.v) && isBlank(right.v), nil
	}
	switch a := left.v.(type) {
	case bool:
		if b, ok := right.v.(bool); ok {
			return a == b, nil
		}
	case string:
		b, ok := right.v.(string)
		if !ok {
			break
		}
		said, sure := truthOf(a)
		saidToo, sureToo := truthOf(b)
		if sure && sureToo && (saysTruth(a) || saysTruth(b) || strings.EqualFold(a, b)) {
			return said == saidToo, nil
		}
		return a == b, nil
	case []any:
		b, ok := right.v.([]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for i := range a {
			if same, err := c.equal(value{v: a[i]}, value{v: b[i]}); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	}
	return c.equalAcross(left, right)
}

// saysTruth is true for the two words themselves, in any case.
func saysTruth(text string) bool {
	return strings.EqualFold(trimSpace(text), "true") || strings.EqualFold(trimSpace(text), "false")
}

// equalAcross compares values of different kinds.
func (c comparison) equalAcross(left, right value) (bool, error) {
	if _, ok := left.v.(string); !ok {
		left, right = right, left
	}
	text, isText := left.v.(string)
	if b, ok := right.v.(bool); ok && isText {
		said, sure := truthOf(text)
		if !sure {
			return false, c.fault(left, "with a truth value")
		}
		return said == b, nil
	}
	if !isNumber(right.v) || !isText && !isNumber(left.v) {
		return false, nil
	}
	return c.each(left, right, func(a, b float64) bool { return a == b })
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, float64:
		return true
	}
	return false
}

func (c comparison) ordered(left, right value) (bool, error) {
	if kindOf(left.v) == nothingKind || kindOf(right.v) == nothingKind {
		return false, nil
	}
	for _, x := range []value{left, right} {
		if _, truth := x.v.(bool); truth || kindOf(x.v) != scalarKind {
			return false, &fault{line: c.line, reason: fmt.Sprintf("compares %s %s %s, which have no order", written(c.left), c.op, written(c.right))}
		}
	}
	if isNumeric(left.v) || isNumeric(right.v) {
		return c.each(left, right, func(a, b float64) bool { return holds(c.op, a < b, a > b) })
	}
	a, b := display(left.v), display(right.v) // scalars that are neither truth values nor numbers: texts
	first, isDate := dateOf(a)
	second, isDateToo := dateOf(b)
	switch {
	case isDate && isDateToo:
		return holds(c.op, first.Before(second), first.After(second)), nil
	case isDate:
		return false, c.fault(right, "with a date")
	case isDateToo:
		return false, c.fault(left, "with a date")
	}
	return holds(c.op, a < b, a > b), nil
}

// isNumeric is true for numbers and for texts that read as one.
func isNumeric(v any) bool {
	text, ok := v.(string)
	return isNumber(v) || ok && len(numbersIn(text)) > 0
}

func holds(op string, less, greater bool) bool {
	switch op {
	case "<":
		return less
	case ">":
		return greater
	case "<=":
		return !greater
	}
	return !less
}

// each compares every reading of the one with every reading of the other. When they do
// not agree, nobody knows what is meant.
func (c comparison) each(left, right value, compare func(a, b float64) bool) (bool, error) {
	readings := [2][]any{readingsOf(left.v), readingsOf(right.v)}
	for i, x := range []value{left, right} {
		if len(readings[i]) == 0 {
			return false, c.fault(x, "with a number")
		}
	}
	answer := compare(float(readings[0][0]), float(readings[1][0]))
	for _, a := range readings[0] {
		for _, b := range readings[1] {
			if compare(float(a), float(b)) != answer {
				x, of := left, readings[0]
				if len(of) < 2 {
					x, of = right, readings[1]
				}
				return false, c.fault(x, fmt.Sprintf("with a number: it can be %s or %s", display(of[0]), display(of[1])))
			}
		}
	}
	return answer, nil
}

func readingsOf(v any) []any {
	if text, ok := v.(string); ok {
		return numbersIn(text)
	}
	return []any{v}
}

// contains is a part of a text, or an element of a list.
func (c comparison) contains(left, right value) (bool, error) {
	if kindOf(left.v) == nothingKind || kindOf(right.v) == nothingKind {
		return false, nil
	}
	if items, ok := left.v.([]any); ok {
		for _, item := range items {
			// An element that is no number is simply another one than the number.
			if same, err := c.equal(value{v: item}, right); err == nil && same {
				return true, nil
			}
		}
		return false, nil
	}
	if kindOf(left.v) != scalarKind || kindOf(right.v) != scalarKind {
		return false, &fault{line: c.line, reason: fmt.Sprintf("asks whether %s contains %s, which only a text or a list can", written(c.left), written(c.right))}
	}
	text := display(left.v)
	if wanted, ok := right.v.(bool); ok {
		said, sure := truthOf(text)
		return sure && said == wanted, nil
	}
	return strings.Contains(text, display(right.v)), nil
}

// fault blames a value of the contact where it has one, else the template.
func (c comparison) fault(x value, with string) error {
	text, _ := x.v.(string)
	return valueFault(c.line, x, fmt.Sprintf("compares %s %s", named(x, text), with))
}
