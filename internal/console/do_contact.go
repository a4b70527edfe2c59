package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"relance/internal/operator"
)

// doContact fills in one value of a contact: its address, or what a template misses.
func doContact(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := contactID(r)
	if err != nil {
		return "", err
	}
	field, value := form.Get("field"), strings.TrimSpace(form.Get("value"))
	if value == "" {
		return "", &operator.Invalid{Field: "value", Text: "nothing was typed: " + fieldLabel(field) + " is still missing"}
	}
	done, err := by.SetContact(r.Context(), id, operator.EditOf(field, value))
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("%s: %s is saved.", done.Name, fieldLabel(field))
	if len(done.Edits) == 0 {
		said = done.Name + ": it was so already."
	}
	if done.Bounced != nil {
		said += " An email to this address has bounced before: nothing is sent to it."
	}
	return goOn(said, done.Effect), nil
}

// contactID is the number in the path; what is none leads nowhere.
func contactID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, &operator.NotFound{Thing: "contact", Key: r.PathValue("id")}
	}
	return id, nil
}
