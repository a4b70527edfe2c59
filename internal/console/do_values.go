package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// A field of the form with the values that the contacts of a page miss is named by
// what it is, the contact and the value: "value 17 email".
const (
	valuePrefix = "value "
	seenPrefix  = "seen "
)

// filling is a value that was typed for a contact.
type filling struct {
	key, name, value string
	fill             operator.ContactFill
}

// doValues keeps the values of a page of contacts: those that can be, each with its
// own reason for the others.
func doValues(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	var fillings []filling
	for key := range form {
		rest, ok := strings.CutPrefix(key, valuePrefix)
		value := strings.TrimSpace(form.Get(key))
		if !ok || value == "" {
			continue
		}
		id, field, _ := strings.Cut(rest, " ")
		contact, err := strconv.ParseInt(id, 10, 64)
		seen, other := strconv.ParseInt(form.Get(seenPrefix+rest), 10, 64)
		if err != nil || other != nil || field == "" {
			return "", &operator.Invalid{Field: "value", Text: "the form does not say whose value this is; load the page again"}
		}
		fillings = append(fillings, filling{key, field, value, operator.ContactFill{ID: contact, Edit: operator.EditOf(field, value), Seen: seen}})
	}
	if len(fillings) == 0 {
		return "", &operator.Invalid{Field: "value", Text: "nothing was typed"}
	}
	slices.SortFunc(fillings, func(a, b filling) int { return int(a.fill.ID - b.fill.ID) })
	return fillIn(r, by, fillings)
}

// fillIn keeps values, of each contact all at once.
func fillIn(r *http.Request, by *operator.Operator, fillings []filling) (string, error) {
	var fills []operator.ContactFill
	at := make([]int, len(fillings)) // which fill each is part of
	for i, one := range fillings {
		if last := len(fills) - 1; last >= 0 && fills[last].ID == one.fill.ID {
			fills[last] = merged(fills[last], one.fill)
		} else {
			fills = append(fills, one.fill)
		}
		at[i] = len(fills) - 1
	}
	done, err := by.FillContacts(r.Context(), fills)
	if err != nil {
		return "", err
	}
	var wrong []fieldProblem
	allStale := true
	for i, one := range fillings {
		if refused := done.Refused[at[i]]; refused != nil {
			allStale = allStale && isStale(refused)
			wrong = append(wrong, fieldProblem{Field: one.key, Text: fmt.Sprintf("Contact %d, %s “%s”: %s", one.fill.ID, fieldLabel(one.name), one.value, sentence(refused))})
		}
	}
	said := "Nothing was changed: it was so already."
	switch {
	case done.Kept == 1:
		said = goOn("1 contact is corrected.", done.Effect)
	case done.Kept > 1:
		said = goOn(number(done.Kept)+" contacts are corrected.", done.Effect)
	}
	if len(wrong) == 0 {
		return said, nil
	}
	refusal := &problems{status: http.StatusUnprocessableEntity, text: fmt.Sprintf("%s of %s values could not be kept.", number(len(wrong)), number(len(fillings))), fields: wrong}
	if allStale {
		refusal.status = http.StatusConflict
	}
	if done.Kept > 0 {
		refusal.said = said
	}
	const most = 100 // as many as a page has
	if left := len(wrong) - most; left > 0 {
		refusal.fields = append(slices.Clone(wrong[:most]), fieldProblem{Text: fmt.Sprintf("And %s more.", number(left))})
	}
	return "", refusal
}

// merged is two fills of one contact as one.
func merged(one, other operator.ContactFill) operator.ContactFill {
	for _, part := range []struct{ to, from **string }{
		{&one.Edit.FirstName, &other.Edit.FirstName}, {&one.Edit.LastName, &other.Edit.LastName}, {&one.Edit.Company, &other.Edit.Company},
		{&one.Edit.Phone, &other.Edit.Phone}, {&one.Edit.Email, &other.Edit.Email},
	} {
		if *part.from != nil {
			*part.to = *part.from
		}
	}
	fields := map[string]string{}
	for _, from := range []map[string]string{one.Edit.Fields, other.Edit.Fields} {
		for name, value := range from {
			fields[name] = value
		}
	}
	one.Edit.Fields, one.Seen = fields, min(one.Seen, other.Seen)
	return one
}
