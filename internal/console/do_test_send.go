package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"relance/internal/operator"
)

// doTestSend sends a step as a contact would get it to an address that is no contact's.
func doTestSend(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	text := strings.TrimSpace(form.Get("contact"))
	if text == "" {
		return "", &operator.Invalid{Field: "contact", Text: "say as which contact would get it: an id or an email address"}
	}
	id, err := by.ContactID(r.Context(), text)
	if err != nil {
		return "", ofField("contact", err)
	}
	sent, err := by.TestSend(r.Context(), r.PathValue("key"), id, form.Get("step"), strings.TrimSpace(form.Get("to")))
	var failed *operator.TestNotSent
	switch {
	case errors.As(err, &failed):
		return "", &problems{status: http.StatusUnprocessableEntity, text: sentence(failed)}
	case err != nil:
		return "", err
	}
	return fmt.Sprintf("A test of %s was sent from %s to %s, as contact %d would get it. The server said: “%s”", sent.StepID, sent.From, sent.To, sent.ContactID, sent.Reply), nil
}
