package console

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// doEdit keeps what was changed in the form with all that is known of a contact. What
// is as the form has shown it is left as it is now.
func doEdit(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := contactID(r)
	if err != nil {
		return "", err
	}
	edit, err := contactEdit(form)
	if err != nil {
		return "", err
	}
	if edit.Email == nil && edit.Phone == nil && edit.FirstName == nil && edit.LastName == nil && edit.Company == nil && len(edit.Fields) == 0 {
		return "Nothing was changed.", nil
	}
	done, err := by.SetContact(r.Context(), id, edit)
	if err != nil {
		if fields, ok := fieldsOf(err, editKey); ok {
			return "", wrongFields(fields)
		}
		return "", err
	}
	return changed(done), nil
}

// changed says what became of a contact.
func changed(done operator.ContactChanged) string {
	if len(done.Edits) == 0 {
		return done.Name + ": it was so already."
	}
	names := make([]string, len(done.Edits))
	for i, edit := range done.Edits {
		names[i] = edit.Field
	}
	said := done.Name + ": saved (" + strings.Join(names, ", ") + ")."
	if done.Bounced != nil {
		said += " An email to this address has bounced before: nothing is sent to it."
	}
	if done.Resuming+done.Ended > 0 {
		return goOn(said, done.Effect)
	}
	return said
}

// contactEdit is what was changed in the form, by the names of its fields.
func contactEdit(form url.Values) (operator.ContactEdit, error) {
	edit := operator.ContactEdit{Fields: map[string]string{}}
	var err error
	if edit.Version, err = strconv.ParseInt(form.Get("version"), 10, 64); err != nil || edit.Version <= 0 {
		return edit, &operator.Invalid{Field: "version", Text: "the form does not say what it has shown; load the page again"}
	}
	parts := map[string]**string{"first_name": &edit.FirstName, "last_name": &edit.LastName, "email": &edit.Email, "phone": &edit.Phone, "company": &edit.Company}
	for key := range form {
		value, was := strings.TrimSpace(typedText(form.Get(key))), typedText(form.Get("was "+key))
		if !form.Has("was "+key) || value == strings.TrimSpace(was) {
			continue
		}
		if part, ok := parts[key]; ok {
			*part = &value
		} else if name, custom := strings.CutPrefix(key, customKey); custom {
			edit.Fields[name] = value
		}
	}
	name, value := strings.TrimSpace(form.Get("new_name")), strings.TrimSpace(form.Get("new_value"))
	_, had := form[customKey+name]
	switch {
	case name == "" && value == "":
	case name == "":
		return edit, wrongFields([]fieldProblem{{Field: "new_name", Text: "The new field has a value and no name."}})
	case value == "" || had:
		return edit, wrongFields([]fieldProblem{{Field: "new_name", Text: "The new field has no value, or there is one of that name already."}})
	default:
		edit.Fields[name] = value
	}
	return edit, nil
}

// editKey is the field of the form with a value that is named as operators name it.
func editKey(field string) string {
	if field == "field" {
		return "new_name"
	}
	return field
}

// wrongFields refuses a form for its values.
func wrongFields(fields []fieldProblem) error {
	text := "Nothing was kept: one value cannot be."
	if len(fields) > 1 {
		text = "Nothing was kept: " + number(len(fields)) + " values cannot be."
	}
	return &problems{status: http.StatusUnprocessableEntity, text: text, fields: fields}
}

// isStale is true when somebody else was quicker.
func isStale(err error) bool {
	var stale *operator.Stale
	return errors.As(err, &stale)
}
