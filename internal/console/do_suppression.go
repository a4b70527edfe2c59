package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"relance/internal/operator"
)

// doSuppress has nothing more sent to an address or a domain.
func doSuppress(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	done, err := by.AddSuppression(r.Context(), form.Get("target"), form.Get("note"))
	if err != nil {
		return "", err
	}
	said := "Nothing is sent to " + asked(form.Get("target")) + " any more."
	if done.Added == 0 {
		said = asked(form.Get("target")) + " was suppressed before."
	}
	return said + ended(done.Ended, done.Delayed), nil
}

// doUnsuppress lets an address or a domain be written to again, as the page has said why it is not.
func doUnsuppress(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	micro, err := strconv.ParseInt(form.Get("since"), 10, 64)
	if err != nil || micro <= 0 {
		return "", &operator.Invalid{Field: "since", Text: "the form does not say what it has shown; load the page again"}
	}
	removed, err := by.RemoveSuppression(r.Context(), form.Get("target"), time.UnixMicro(micro))
	if err != nil {
		return "", err
	}
	return removed.Target + " may be written to again. Enrollments that were ended stay so.", nil
}

// doKeepSuppressions suppresses what a file has, as the page has said what that does.
func doKeepSuppressions(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	done, err := by.ImportSuppressions(r.Context(), []byte(form.Get("content")), form.Get("note"))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Suppressed: %s. Suppressed before: %s.", number(done.Added), number(done.Already)) + ended(done.Ended, done.Delayed), nil
}
