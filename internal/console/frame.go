package console

import (
	"context"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relance/internal/operator"
	"relance/internal/settings"
)

// frame is what every page shows around its own part.
type frame struct {
	Title, Who string
	// Name is how the provider calls who has signed in; SignOut is true when that can end here.
	Name    string
	SignOut bool
	// CanChange is true for an operator: the page has its forms. NoLogin puts up the bar.
	CanChange, NoLogin bool
	// From is the page's own path, without the prefix: where a form returns to.
	From string
	// Broken are the accounts that cannot send; Delaying is true when Temporal did not
	// answer a moment ago.
	Broken   operator.BrokenAccounts
	Delaying bool
	// Said is what the last form has done, Answer why it has not.
	Said   string
	Answer *answer
	View   any
}

// answer is what a form gets that was refused: the page again, with what was typed.
type answer struct {
	Status int
	// Said is what was done all the same, Dialogue what a mail server has said.
	Said     string
	Dialogue []operator.LoginStep
	// Form is its key, Field what is wrong, where one value is.
	Form, Field, Problem string
	// Problems are those of single values.
	Problems []fieldProblem
	typed    url.Values
}

// fieldProblem is what is wrong with one value. ID is the field's, empty for none.
type fieldProblem struct{ Field, Text, ID string }

type answerKey struct{}

func (c *Console) frameOf(r *http.Request) *frame {
	who := personOf(r.Context())
	f := &frame{Who: who.name, CanChange: who.role >= changer, NoLogin: c.Settings.SignIn == settings.SignInNone, From: r.URL.RequestURI()}
	f.Name, f.SignOut = who.shown, who.name != "" && c.Settings.SignIn == settings.SignInOIDC
	if f.Answer, _ = r.Context().Value(answerKey{}).(*answer); f.Answer != nil {
		f.Said = f.Answer.Said
	}
	return f
}

func withAnswer(r *http.Request, of *answer) context.Context {
	return context.WithValue(r.Context(), answerKey{}, of)
}

// Form is one form of a page.
type Form struct {
	// Key names it among those of the page; ID is the key as an id of HTML.
	Key, ID string
	From    string
	// Problem is why it was refused; empty for all others. WrongField is the field that is
	// the reason, where one is.
	Problem, WrongField string
	problems            []fieldProblem
	typed               url.Values
}

// Form makes the form with this key.
func (f *frame) Form(parts ...any) Form {
	key := joined(parts)
	form := Form{Key: key, ID: idOf(key), From: f.From}
	if f.Answer != nil && f.Answer.Form == key {
		form.Problem, form.WrongField, form.typed, form.problems = f.Answer.Problem, f.Answer.Field, f.Answer.typed, f.Answer.Problems
	}
	return form
}

// idOf is a text as an id of HTML.
func idOf(text string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return "f" + strconv.FormatUint(sum.Sum64(), 36)
}

// FieldID is the id of one field of the form.
func (f Form) FieldID(field string) string { return idOf(f.Key + "\x00" + field) }

// Wrong is what is wrong with a field; empty when nothing is.
func (f Form) Wrong(field string) string {
	for _, one := range f.problems {
		if one.Field == field {
			return one.Text
		}
	}
	return ""
}

// Value is what was typed in a field, or otherwise what there is.
func (f Form) Value(field string, otherwise any) string {
	if typed, ok := f.typed[field]; ok && len(typed) == 1 {
		return typed[0]
	}
	return joined([]any{otherwise})
}

// Typed is true when the field was typed in another than it was shown.
func (f Form) Typed(fields ...string) bool {
	for _, field := range fields {
		if f.typed.Get(field) != "" {
			return true
		}
	}
	return false
}

// returnTo is a page of this console, from a form's hidden field; anything else is the
// first page, also what leads out of the prefix by "..".
func returnTo(text string) *url.URL {
	address, err := url.Parse(text)
	if err != nil || slices.Contains(strings.Split(address.Path, "/"), "..") || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.Contains(text, `\`) || address.Host != "" || address.Scheme != "" {
		return &url.URL{Path: "/"}
	}
	return address
}
