package console

import (
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// doAnswer says of one delivery whether it was sent.
func doAnswer(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := strconv.ParseInt(form.Get("contact"), 10, 64)
	seen, other := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || other != nil {
		return "", &operator.Invalid{Field: "contact", Text: "the form does not say which delivery it has shown; load the page again"}
	}
	say := operator.Resume{Note: form.Get("note"), Assume: campaign.Assume(form.Get("answer"))}
	done, err := by.Answer(r.Context(), form.Get("campaign"), id, seen, say)
	if err != nil {
		return "", err
	}
	said := "Kept: it was sent, and is not sent again."
	if say.Assume == campaign.AssumeNotSent {
		said = "Kept: it was not sent, and is sent now."
	}
	return said + " " + goOnText(done.Requested-done.Ended, done.Ended, done.Delayed), nil
}
