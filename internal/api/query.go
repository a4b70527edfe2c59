package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relance/internal/failure"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

// query reads the parameters that a path takes; one that is not known, or given twice,
// is refused.
func (c *call) query(names ...string) (map[string]string, error) {
	given, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return nil, &wrong{kind: badParameter, text: "the query cannot be read: it is not percent-encoded as a query is"}
	}
	query := map[string]string{}
	for name, values := range given {
		switch {
		case !slices.Contains(names, name):
			return nil, parameter(name, fmt.Sprintf("the parameter %q is not known; expected %s", name, strings.Join(names, ", ")))
		case len(values) > 1:
			return nil, parameter(name, fmt.Sprintf("the parameter %s is given twice", name))
		}
		query[name] = plaintext.Line(values[0], 0)
	}
	return query, nil
}

func parameter(name, text string) error {
	return &wrong{kind: badParameter, text: text, fields: []FieldError{{"?" + plaintext.Line(name, plaintext.Name), text}}}
}

// number reads a whole number of the query from least to most.
func number(query map[string]string, name string, otherwise, least, most int64) (int64, error) {
	text, given := query[name]
	if !given {
		return otherwise, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < least || value > most {
		return 0, parameter(name, fmt.Sprintf("the parameter %s is %q; expected a number from %d to %d", name, text, least, most))
	}
	return value, nil
}

// codeOf reads a code of the catalogue; empty is any.
func codeOf(text string) (failure.Code, error) {
	if _, known := failure.Lookup(failure.Code(text)); text != "" && !known {
		missing := &operator.NotFound{Thing: operator.CodeThing, Key: text}
		for _, entry := range failure.Catalogue() {
			missing.Existing = append(missing.Existing, string(entry.Code))
		}
		return "", missing
	}
	return failure.Code(text), nil
}
