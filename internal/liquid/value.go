package liquid

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// value is what an expression comes to.
type value struct {
	// v is nil, a bool, an int, a float64, a string, a []any of those, or one of the
	// three below.
	v any
	// from is the contact's variable that a text comes from, by its key.
	from string
	// missing is the variable without a value that this value was made from. Such a
	// value is never printed.
	missing string
}

type (
	empty      struct{}       // the words empty and blank
	wholeOne   struct{}       // the variable contact itself
	loopFields map[string]any // forloop
)

// kind is what a value is, as far as it is known before there is a contact.
type kind int

const (
	scalarKind kind = iota // a text, a number or a truth value
	listKind
	contactKind
	loopKind
	nothingKind
)

func (k kind) String() string {
	return [...]string{"a text", "a list", "the whole contact", "the state of a loop", "nothing"}[k]
}

func kindOf(v any) kind {
	switch v.(type) {
	case nil, empty:
		return nothingKind
	case []any:
		return listKind
	case wholeOne:
		return contactKind
	case loopFields:
		return loopKind
	}
	return scalarKind
}

// display writes a text, a number or a truth value as people read it.
func display(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		// Fifteen digits are exact for what people count: 0.1 + 0.2 is 0.3.
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return ""
}

// isBlank is true for what a message has nothing to print of.
func isBlank(v any) bool {
	switch v := v.(type) {
	case nil, empty:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// ownNames are the variables that every contact can have, and the address on which it unsubscribes.
var ownNames = []string{"first_name", "last_name", "full_name", "company", "email", "phone", UnsubscribeURL}

// numbersIn reads a text as a number, in every way that it may be meant: 1,234 and
// 1.234 are one and a bit, or more than a thousand. None is no number.
func numbersIn(text string) []any {
	text = strings.Replace(trimSpace(text), "\u2212", "-", 1)
	bare := strings.TrimLeft(text, "+-")
	if len(text)-len(bare) > 1 || bare == "" || len(bare) > 40 || !isDigit(bare) && !isDigit(strings.TrimPrefix(bare, ".")) {
		return nil
	}
	negative := strings.HasPrefix(text, "-")
	var found []any
	if plain := strings.Replace(bare, ",", ".", 1); strings.Trim(plain, "0123456789.eE+-") == "" {
		if f, err := strconv.ParseFloat(plain, 64); err == nil && !math.IsInf(f, 0) {
			found = append(found, signed(plain, f, negative))
		}
	}
	if whole, ok := grouped(bare); ok {
		if f, err := strconv.ParseFloat(whole, 64); err == nil {
			found = append(found, signed(whole, f, negative))
		}
	}
	return found
}

func signed(text string, f float64, negative bool) any {
	if negative {
		f = -f
	}
	if strings.Trim(text, "0123456789") == "" && math.Abs(f) < 1<<53 {
		return int(f)
	}
	return f
}

// grouped takes the thousands' separators out of a number: 1,234.5, 1.234,5, 12 000.
func grouped(text string) (string, bool) {
	separator := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
	if separator < 1 || separator > 3 || text[0] == '0' {
		return "", false
	}
	mark := []rune(text[separator:])[0]
	if !strings.ContainsRune(",.' ’\u00a0\u2009\u202f", mark) {
		return "", false
	}
	groups := strings.Split(text, string(mark))
	last := len(groups) - 1
	decimals := ""
	if at := strings.IndexAny(groups[last], ".,"); at >= 0 {
		groups[last], decimals = groups[last][:at], groups[last][at+1:]
		if decimals == "" || strings.Trim(decimals, "0123456789") != "" {
			return "", false
		}
		decimals = "." + decimals
	}
	for _, group := range groups[1:] {
		if len(group) != 3 || strings.Trim(group, "0123456789") != "" {
			return "", false
		}
	}
	return strings.Join(groups, "") + decimals, true
}

func float(number any) float64 {
	switch n := number.(type) {
	case int:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

func quote(text string) string { return strconv.Quote(shorten(text, 60)) }

// shorten keeps an error on one line of a screen.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
