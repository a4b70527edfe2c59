package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"relance/internal/operator"
)

// doMove gives the contacts that one of several senders has mailed to another: no more of them
// than the button has said.
func doMove(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	confirmed, err := strconv.Atoi(form.Get("count"))
	if err != nil || confirmed <= 0 || !isNumber(form.Get("seen")) {
		return "", &operator.Invalid{Field: "count", Text: "the form does not say what it has shown; load the page again"}
	}
	done, err := by.MoveSender(r.Context(), r.PathValue("key"), form.Get("from_sender"), form.Get("to_sender"), operator.How{Confirmed: confirmed})
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("%s moved from %s to %s: the next email begins a new thread.", people(done.Contacts), done.From, done.To)
	switch {
	case done.Contacts == 0:
		return fmt.Sprintf("%s has mailed nobody any more who is still under way: nothing was moved.", done.From), nil
	case done.Resuming > 0:
		return said + " " + goOnText(done.Resuming, 0, done.Delayed), nil
	}
	return said, nil
}
