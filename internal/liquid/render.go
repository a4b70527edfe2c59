package liquid

import (
	"fmt"
	"maps"
	"strings"

	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
)

// RenderError says why a part of a message cannot be filled. It holds names and line
// numbers, never the words of the template or of the message.
type RenderError struct {
	Part string // "subject", "body" or "text"
	// Variable is the one that the contact has no value for, else empty.
	Variable string
	// Reason is one clause; empty when a variable is missing.
	Reason string
}

func (e *RenderError) Error() string {
	if e.Variable != "" {
		return fmt.Sprintf("the %s names {{ %s }}, which this contact has no value for", e.Part, e.Variable)
	}
	return fmt.Sprintf("the %s %s", e.Part, e.Reason)
}

// Render fills a Liquid template. Printing a variable that has no value is a
// *RenderError, whatever filters it passes through, unless the filter default stands in
// for it; asking for it in {% if %} is not. A subject comes out on one line. What comes
// out empty is an error: an empty message is never sent.
//
// Templates are what users type, so they are bounded: see limits.go.
func Render(part, template string, vars map[string]any) (text string, err error) {
	run := newBudget(template)
	defer func() {
		// The Liquid engine panics on some expressions, and its panics quote them.
		if recover() != nil {
			text, err = "", run.failure(part, notValid("an expression cannot be worked out"))
		}
	}()
	node, names, err := compile(part, template, run)
	if err != nil {
		return "", err
	}
	out := &limitedWriter{run: run}
	if failed := render.Render(node, out, bind(names, vars, run), *run.config); failed != nil {
		return "", run.failure(part, notValid(fmt.Sprintf("line %d has an expression that cannot be worked out", max(failed.LineNumber(), 1))))
	}
	text = out.String()
	if part == "subject" {
		text = strings.Join(strings.Fields(text), " ")
	}
	if strings.TrimSpace(text) == "" {
		return "", &RenderError{Part: part, Reason: "is empty for this contact"}
	}
	return text, nil
}

// ValidateTemplate finds what can be found without a contact: broken syntax, tags and
// filters that do not exist, and placeholders that would be sent as they stand. It
// returns a *RenderError.
func ValidateTemplate(part, template string) (err error) {
	defer func() {
		if recover() != nil {
			err = &RenderError{Part: part, Reason: notValid("it cannot be read")}
		}
	}()
	if strings.TrimSpace(template) == "" {
		return &RenderError{Part: part, Reason: "is empty"}
	}
	_, _, err = compile(part, template, newBudget(template))
	return err
}

// compile returns the template ready to run, and the names that it says.
func compile(part, template string, run *budget) (render.Node, []string, error) {
	source, names, reason := prepare(template, run.config)
	if reason != "" {
		return nil, nil, &RenderError{Part: part, Reason: notValid(reason)}
	}
	node, failed := run.config.Compile(source, parser.SourceLoc{LineNo: 1})
	if failed != nil {
		// The engine's own words quote the template.
		return nil, nil, &RenderError{Part: part, Reason: notValid(fmt.Sprintf("line %d cannot be understood", max(failed.LineNumber(), 1)))}
	}
	return node, names, nil
}

func notValid(reason string) string { return "is not a valid template: " + reason }

// bind gives every one of the names that the contact lacks a stand-in that
// remembers having been asked for.
func bind(names []string, vars map[string]any, run *budget) map[string]any {
	bound := maps.Clone(vars)
	if bound == nil {
		bound = map[string]any{}
	}
	contact := map[string]any{}
	if known, ok := vars["contact"].(map[string]any); ok {
		maps.Copy(contact, known)
	}
	bound["contact"] = contact
	for _, name := range names {
		if blank(vars[name]) {
			bound[name] = missing{name: name, run: run}
		}
		if blank(contact[name]) {
			contact[name] = missing{name: "contact." + name, run: run}
		}
	}
	delete(contact, "contact")
	bound["contact"] = contact
	for name, value := range maps.Clone(bound) {
		bound[alias(name)] = value
	}
	for name, value := range maps.Clone(contact) {
		contact[alias(name)] = value
	}
	return bound
}

func blank(value any) bool {
	if text, ok := value.(string); ok {
		return strings.TrimSpace(text) == ""
	}
	return value == nil
}
