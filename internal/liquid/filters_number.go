package liquid

import (
	"fmt"
	"math"
)

var numberFilters = map[string]filter{
	"abs":   rounding("abs", func(n any) any { return result(math.Abs(float(n)), isWhole(n)) }),
	"ceil":  rounding("ceil", func(n any) any { return result(math.Ceil(float(n)), true) }),
	"floor": rounding("floor", func(n any) any { return result(math.Floor(float(n)), true) }),
	"round": {do: round, most: 1, usage: "| round: 2"},
	"plus":  reckoning("plus", func(a, b float64) float64 { return a + b }),
	"minus": reckoning("minus", func(a, b float64) float64 { return a - b }),
	"times": reckoning("times", func(a, b float64) float64 { return a * b }),

	"at_least":   reckoning("at_least", math.Max),
	"at_most":    reckoning("at_most", math.Min),
	"modulo":     {do: dividing(modulo), least: 1, most: 1, usage: "| modulo: 2"},
	"divided_by": {do: dividing(divide), least: 1, most: 1, usage: "| divided_by: 2"},
}

func rounding(name string, do func(n any) any) filter {
	return filter{usage: "| " + name, do: func(_ *run, c call) (any, error) {
		n, err := c.number(c.in)
		if err != nil {
			return nil, err
		}
		return do(n), nil
	}}
}

// reckoning is a filter of two numbers, whole when both are.
func reckoning(name string, do func(a, b float64) float64) filter {
	return filter{least: 1, most: 1, usage: "| " + name + ": 2", do: func(_ *run, c call) (any, error) {
		a, b, err := c.both()
		if err != nil {
			return nil, err
		}
		return result(do(float(a), float(b)), isWhole(a) && isWhole(b)), nil
	}}
}

func dividing(do func(a, b any) any) func(*run, call) (any, error) {
	return func(_ *run, c call) (any, error) {
		a, b, err := c.both()
		if err != nil {
			return nil, err
		}
		if float(b) == 0 {
			return nil, valueFault(c.line, c.args[0], "divides by zero")
		}
		return do(a, b), nil
	}
}

// divide leaves whole numbers whole, as Liquid does: 7 | divided_by: 2 is 3.
func divide(a, b any) any {
	if isWhole(a) && isWhole(b) {
		return result(math.Floor(float(a)/float(b)), true)
	}
	return float(a) / float(b)
}

func modulo(a, b any) any {
	x, y := float(a), float(b)
	return result(x-y*math.Floor(x/y), isWhole(a) && isWhole(b))
}

func round(_ *run, c call) (any, error) {
	n, err := c.number(c.in)
	if err != nil {
		return nil, err
	}
	places, err := c.whole(0, 0)
	if err != nil {
		return nil, err
	}
	power := math.Pow10(max(-15, min(15, places)))
	rounded := math.Floor(float(n)*power+0.5) / power
	return result(rounded, places <= 0), nil
}

func isWhole(n any) bool {
	_, whole := n.(int)
	return whole
}

func result(f float64, whole bool) any {
	if whole && math.Abs(f) < 1<<53 {
		return int(f)
	}
	return f
}

func (c call) both() (a, b any, err error) {
	if a, err = c.number(c.in); err != nil {
		return nil, nil, err
	}
	b, err = c.number(c.args[0])
	return a, b, err
}

// number reads a value as an int or a float64. A missing one is zero: what it makes is
// as missing.
func (c call) number(x value) (any, error) {
	switch v := x.v.(type) {
	case nil:
		return 0, nil
	case int, float64:
		return v, nil
	case string:
		switch found := numbersIn(v); len(found) {
		case 1:
			return found[0], nil
		case 2:
			return nil, valueFault(c.line, x, fmt.Sprintf("counts with %s which can be %s or %s", named(x, v), display(found[0]), display(found[1])))
		}
	}
	return nil, valueFault(c.line, x, "counts with "+named(x, display(x.v))+" which is no number")
}

// whole reads an argument as a whole number.
func (c call) whole(i, otherwise int) (int, error) {
	if i >= len(c.args) {
		return otherwise, nil
	}
	n, err := c.number(c.args[i])
	if err != nil {
		return 0, err
	}
	return int(max(-1<<31, min(1<<31, float(n)))), nil
}
