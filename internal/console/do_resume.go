package console

import (
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/failure"
	"relance/internal/operator"
)

// doResume has those try again whose sending failed with the same words, or all.
func doResume(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	seen, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil {
		return "", &operator.Invalid{Field: "seen", Text: "the form does not say what it has shown; load the page again"}
	}
	say := operator.Resume{Note: form.Get("note")}
	var done operator.Requested
	if key := form.Get("words"); key != "" {
		done, err = by.ResumeAlike(r.Context(), failure.Cause(form.Get("cause")), key, seen, say, operator.How{})
	} else {
		done, err = by.Resume(r.Context(), operator.Selection{Code: failure.SendingFailed}, say, operator.How{})
	}
	if err != nil {
		return "", err
	}
	return "They try again. " + goOnText(done.Requested-done.Ended, done.Ended, done.Delayed), nil
}
