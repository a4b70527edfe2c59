package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

// doRelease lets a contact be written to again who is away, or whose answer somebody had to look at.
func doRelease(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := contactID(r)
	if err != nil {
		return "", err
	}
	version, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil || version <= 0 {
		return "", &operator.Invalid{Field: "version", Text: "the form does not say what it has shown; load the page again"}
	}
	done, err := by.Release(r.Context(), id, version)
	if err != nil {
		return "", err
	}
	if !done.Released {
		return "Nothing held the contact any more.", nil
	}
	return fmt.Sprintf("Contact %d is written to again.", id), nil
}
