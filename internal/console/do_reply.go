package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"relance/internal/operator"
)

// doAttach settles a message: it is a contact's, and what follows from it is done now.
func doAttach(r *http.Request, by *operator.Operator, form url.Values) (string, error) {
	id, err := messageID(r)
	if err != nil {
		return "", err
	}
	var contact int64
	if text := strings.TrimSpace(form.Get("contact")); text != "" {
		if contact, err = by.ContactID(r.Context(), text); err != nil {
			return "", ofField("contact", err)
		}
	}
	done, err := by.AttachInbound(r.Context(), id, contact, form.Get("as"))
	if err != nil {
		return "", err
	}
	said := fmt.Sprintf("Message %d is settled: %s of %s.", id, kindText(done.InboundMessage), done.ContactName)
	if done.ContactName == "" {
		said = fmt.Sprintf("Message %d is settled: %s of contact %d.", id, kindText(done.InboundMessage), done.ContactID)
	}
	return said + ended(done.EndedNow, done.Delayed), nil
}

// doIgnore settles a message from which nothing follows.
func doIgnore(r *http.Request, by *operator.Operator, _ url.Values) (string, error) {
	id, err := messageID(r)
	if err != nil {
		return "", err
	}
	if _, err := by.IgnoreInbound(r.Context(), id); err != nil {
		return "", err
	}
	return fmt.Sprintf("Message %d is ignored: nothing follows from it, and it holds nobody.", id), nil
}

// ended says how many enrollments were ended, after a blank; nothing for none.
func ended(count int, delayed error) string {
	said := ""
	switch {
	case count == 1:
		said = " 1 enrollment has ended."
	case count > 1:
		said = " " + number(count) + " enrollments have ended."
	}
	if delayed != nil {
		said += " Temporal does not answer: it is saved, and their workflows end within a minute of its return."
	}
	return said
}

// ofField is a refusal as one of a field's value.
func ofField(field string, err error) error {
	if errors.Is(err, operator.ErrNotFound) || isInvalid(err) {
		return &operator.Invalid{Field: field, Text: err.Error()}
	}
	return err
}
