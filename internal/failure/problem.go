package failure

import "strings"

// Problem is one failed precondition or definite failure of one step: what a
// park records.
type Problem struct {
	Code Code `json:"code"`
	// Detail is the particular reason, for example the server's words. It never
	// holds a message body or a password. May be empty.
	Detail string `json:"detail,omitempty"`
	// Words are who says what in it. Nil in problems of releases before this field:
	// nobody knows then whose words the detail has.
	Words *Words `json:"words,omitempty"`
	// Variable is the contact's variable whose value has to change: none is there,
	// or the template cannot use it. Empty unless Code is MessageCannotBeRendered, and in parks of releases before
	// this field.
	Variable string `json:"variable,omitempty"`
	// Causes are what the park waits for, the first being the one shown. Empty
	// when only an operator can end the park.
	Causes []Cause `json:"causes,omitempty"`
}

// Cause is the cause to show: the first, or Operator.
func (p Problem) Cause() Cause {
	if len(p.Causes) == 0 {
		return Operator
	}
	return p.Causes[0]
}

// Reason is the description together with the detail, as one or two sentences.
func (p Problem) Reason() string {
	entry := p.Code.Entry()
	detail := strings.TrimSpace(p.Detail)
	if detail == "" {
		return entry.Description
	}
	return strings.TrimSuffix(entry.Description, ".") + ": " + sentence(detail)
}

// Apart is the reason without a server's words, and these by themselves, for one who
// quotes them. Where nobody knows whose words the detail has, they stay in the reason.
func (p Problem) Apart() (reason, said string) {
	if p.Words == nil {
		return p.Reason(), ""
	}
	p.Detail = p.Words.Meaning
	return p.Reason(), p.Words.Said
}

// Message is the reason, then how to fix: the note, and the red line of the
// Event History.
func (p Problem) Message() string {
	return p.Reason() + " " + p.Code.Entry().HowToFix
}

// Error makes a Problem an error with the note as its text.
func (p Problem) Error() string { return p.Message() }

func sentence(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}
