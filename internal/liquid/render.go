package liquid

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// RenderError says why a part of a message cannot be filled. It holds names, line numbers
// and at most one value of the contact, never the words of the template or of the message.
type RenderError struct {
	Part string // "subject", "body" or "text"
	// Variable is the key of the contact's variable that has to change: one that has no
	// value, or one whose value is in Value. Empty when the template is to blame.
	Variable string
	// Value is what the contact has and the template cannot use, cut at 60 letters.
	Value string
	// Reason is one clause; empty when the variable has no value.
	Reason string
	// Line is the template's, from 1; 0 when it is about the whole.
	Line int
}

func (e *RenderError) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("the %s names {{ %s }}, which this contact has no value for", e.Part, e.Variable)
	}
	return fmt.Sprintf("the %s %s", e.Part, e.Reason)
}

// MissingVariable is Variable: the campaign's checks ask for it.
func (e *RenderError) MissingVariable() string { return e.Variable }

// Render fills a Liquid template. Printing a variable that has no value is a
// *RenderError, whatever filters it passes through, unless the filter default stands in
// for it; asking for it in {% if %} is not. So is printing what is no text, and a value
// that a comparison, a calculation or a date cannot use. A subject comes out on one line.
// What comes out empty is an error: an empty message is never sent.
//
// Templates are what users type, so they are bounded: see run.go.
func Render(part, template string, vars map[string]any) (string, error) {
	nodes, reading := read(template)
	if len(reading.problems) > 0 {
		first := reading.problems[0]
		return "", &RenderError{Part: part, Line: first.Line, Reason: "is not a valid template: " + first.Error()}
	}
	r := newRun(template, fieldsOf(vars))
	r.prints = printedBy(nodes)
	if err := renderAll(r, nodes); err != nil {
		return "", renderError(part, err)
	}
	text := r.out.String()
	if part == "subject" {
		text = strings.Join(strings.Fields(text), " ")
	}
	if strings.TrimSpace(text) == "" {
		return "", &RenderError{Part: part, Reason: "is empty for this contact"}
	}
	return text, nil
}

func renderError(part string, err error) *RenderError {
	var f *fault
	switch {
	case !errors.As(err, &f):
		return &RenderError{Part: part, Reason: err.Error()}
	case f.missing:
		return &RenderError{Part: part, Line: f.line, Variable: shorten(f.variable, 60)}
	case f.variable == "":
		return &RenderError{Part: part, Line: f.line, Reason: fmt.Sprintf("is not a valid template: line %d %s", f.line, f.reason)}
	}
	return &RenderError{Part: part, Line: f.line, Variable: f.variable, Value: f.value, Reason: f.reason}
}

// fieldsOf are the contact's variables among vars; what is blank is no value.
func fieldsOf(vars map[string]any) fields {
	all := fields{}
	for name, v := range vars {
		if text, ok := v.(string); ok && strings.TrimSpace(text) != "" {
			all[norm.NFC.String(name)] = text
		}
	}
	return all
}
