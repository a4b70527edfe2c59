package liquid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	endToken tokenKind = iota
	nameToken
	valueToken // a number or a quoted text
	signToken
)

// token is a word of an expression.
type token struct {
	kind  tokenKind
	text  string // as it stands, without quotes
	value any    // int, float64 or string
}

// signs are what stands between names and values, longer ones first.
var signs = []string{"==", "!=", "<>", ">=", "<=", "..", "<", ">", "=", "|", ":", ",", ".", "[", "]", "(", ")"}

// lex cuts an expression into tokens. The error says what to write instead.
func lex(s string, habits []habit) ([]token, error) {
	var tokens []token
	for s = trimSpace(s); s != ""; s = trimSpace(s) {
		first, size := utf8.DecodeRuneInString(s)
		switch {
		case first == '"' || first == '\'':
			end := strings.IndexRune(s[1:], first)
			if end < 0 {
				return nil, fmt.Errorf("has a quote %c that is not closed", first)
			}
			tokens = append(tokens, token{valueToken, s[1 : 1+end], s[1 : 1+end]})
			s = s[end+2:]
		case isDigit(s) || first == '-' && isDigit(s[1:]):
			number, rest, err := lexNumber(s)
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, number)
			s = rest
		case unicode.IsLetter(first) || first == '_':
			end := strings.IndexFunc(s, func(r rune) bool { return !inName(r) })
			if end < 0 {
				end = len(s)
			}
			tokens = append(tokens, token{kind: nameToken, text: s[:end]})
			s = s[end:]
		default:
			sign := slices.IndexFunc(signs, func(sign string) bool { return strings.HasPrefix(s, sign) })
			if sign < 0 || strings.HasPrefix(s, "===") {
				return nil, strange(s, s[:size], habits)
			}
			tokens = append(tokens, token{kind: signToken, text: signs[sign]})
			s = s[len(signs[sign]):]
		}
	}
	return tokens, nil
}

func isDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func inName(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '_' || r == '-'
}

func lexNumber(s string) (token, string, error) {
	end := 1
	for end < len(s) && (isDigit(s[end:]) || s[end] == '.' && isDigit(s[end+1:]) && !strings.Contains(s[:end], ".")) {
		end++
	}
	text, rest := s[:end], s[end:]
	if next, _ := utf8.DecodeRuneInString(rest); rest != "" && (unicode.IsLetter(next) || next == '_') {
		name := fieldKey(strings.FieldsFunc(s, func(r rune) bool { return !inName(r) })[0])
		return token{}, "", fmt.Errorf("has a name that begins with a digit: write %s", shorten(name, 40))
	}
	if whole, err := strconv.Atoi(text); err == nil {
		return token{valueToken, text, whole}, rest, nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return token{}, "", fmt.Errorf("has a number that is too large")
	}
	return token{valueToken, text, number}, rest, nil
}

// habit is the syntax of another language, and how to say it here.
type habit struct{ sign, say string }

// templateHabits are those that people bring to templates.
var templateHabits = []habit{
	{"===", "write =="},
	{"&&", "write and"},
	{"&", "write and"},
	{"!=", "write !="},
	{"!", "write {% unless x %} or x != y"},
	{"??", "write | default: 'text'"},
	{"?", "write {% if x %}…{% else %}…{% endif %}"},
	{"#if", "write {% if x %}…{% endif %}"},
	{"#", "write tags as {% if x %} and {% for x in y %}"},
	{"/", "write {% endif %} or {% endfor %}, and divide with | divided_by: 2"},
	{"{", "write two braces: {{ first_name }}"},
	{"}", "write two braces: {{ first_name }}"},
	{"+", "write | plus: 1, or | append: 'text'"},
	{"*", "write | times: 2"},
	{"-", "write | minus: 1"},
	{"%", "write | modulo: 2"},
	{"$", "write the name alone: {{ first_name }}"},
	{"@", "write the name alone: {{ first_name }}"},
	{"^", "write {% unless x %}…{% endunless %}"},
	{";", "write one expression in a pair of braces"},
	{"\\", "write quotes of the other kind within quotes"},
	{"`", "write straight quotes: 'text'"},
}

// strange is the error of a character that no expression has: mostly the syntax of
// another language, which is said in ours.
func strange(s, character string, habits []habit) error {
	for _, habit := range habits {
		if strings.HasPrefix(s, habit.sign) {
			return fmt.Errorf("has %s, which does not belong in an expression: %s", habit.sign, habit.say)
		}
	}
	r, _ := utf8.DecodeRuneInString(character)
	switch {
	case strings.ContainsRune("‘’‚‛“”„‟«»‹›′″", r):
		return fmt.Errorf("has curly quotes: write straight ones, 'text'")
	case unicode.IsPrint(r):
		return fmt.Errorf("has %s, which does not belong in an expression", character)
	}
	return fmt.Errorf("has an invisible character (%U) in an expression: type it again", r)
}
