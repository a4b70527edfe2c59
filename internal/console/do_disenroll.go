package console

import (
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

// doDisenroll takes contacts out of their campaigns for good: no more of them than the
// button has said.
func doDisenroll(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	confirmed, err := strconv.Atoi(form.Get("count"))
	if err != nil || confirmed <= 0 {
		return "", &operator.Invalid{Field: "count", Text: "the form does not say how many it has shown; load the page again"}
	}
	var done operator.Requested
	if contact := form.Get("contact"); contact != "" {
		id, err := strconv.ParseInt(contact, 10, 64)
		if err != nil {
			return "", &operator.NotFound{Thing: "contact", Key: contact}
		}
		done, err = by.DisenrollContact(r.Context(), id, form.Get("campaign"), confirmed, form.Get("reason"))
		if err != nil {
			return "", err
		}
	} else {
		if err := chosen(form); err != nil {
			return "", err
		}
		if done, err = by.DisenrollPart(r.Context(), partOf(form.Get("code"), form.Get("cause"), form), confirmed, form.Get("reason"), operator.How{}); err != nil {
			return "", err
		}
	}
	said := number(done.Requested) + " are disenrolled."
	if done.Requested == 1 {
		said = "1 is disenrolled."
	}
	if done.Delayed != nil {
		said += " Temporal does not answer: it is saved, and carried out within a minute of its return."
	}
	return said, nil
}
