package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relance/internal/operator"
	"relance/internal/plaintext"
)

// refusal is an error of a form as people read it.
func (c *Console) refusal(err error) *answer {
	var (
		invalid *operator.Invalid
		stale   *operator.Stale
		login   *operator.LoginFailed
		tested  *loginTested
		server  *operator.ForbiddenServer
		needed  *operator.PasswordNeeded
		several *problems
		grown   *operator.Grown
	)
	switch {
	case errors.As(err, &several):
		return &answer{Status: several.status, Problem: several.text, Problems: several.fields, Said: several.said}
	case errors.As(err, &grown):
		return &answer{Status: http.StatusConflict, Problem: fmt.Sprintf("Nothing was done: there are %s now, %s more than you confirmed. Look at them again.",
			number(grown.Now), number(grown.Now-grown.Confirmed))}
	case errors.As(err, &stale):
		return &answer{Status: http.StatusConflict, Problem: c.staleText(stale)}
	case errors.As(err, &invalid):
		return &answer{Status: http.StatusUnprocessableEntity, Field: invalid.Field, Problem: sentence(err)}
	case errors.As(err, &needed):
		return &answer{Status: http.StatusUnprocessableEntity, Field: "password", Problem: sentence(err)}
	case errors.As(err, &login) && login.Mailbox:
		return &answer{Status: http.StatusUnprocessableEntity, Field: "imap_password", Problem: sentence(err), Dialogue: login.Dialogue}
	case errors.As(err, &login):
		return &answer{Status: http.StatusUnprocessableEntity, Field: "password", Problem: loginText(login), Dialogue: login.Dialogue}
	case errors.As(err, &tested):
		return &answer{Status: http.StatusOK, Said: tested.said, Dialogue: tested.dialogue}
	case errors.As(err, &server):
		return &answer{Status: http.StatusUnprocessableEntity, Field: server.Field, Problem: sentence(err) + " Nothing was changed."}
	case errors.Is(err, context.DeadlineExceeded):
		return &answer{Status: http.StatusGatewayTimeout, Problem: "There was no answer within a minute. " + unknownEnd} // changeTime
	case errors.Is(err, operator.ErrNotFound):
		return &answer{Status: http.StatusNotFound, Problem: sentence(err)}
	case errors.Is(err, operator.ErrRefused):
		return &answer{Status: http.StatusConflict, Problem: sentence(err)}
	}
	return &answer{Status: http.StatusServiceUnavailable, Problem: "This cannot be done just now; the console's log says why. " + unknownEnd}
}

// unknownEnd is for a change of which the database's last answer may have been lost: it
// may have been made all the same.
const unknownEnd = "Load the page again in a moment, and look whether it was done before you send it again."

// problems refuses single values of a form, and says what was kept of the others.
type problems struct {
	status     int
	text, said string
	fields     []fieldProblem
}

func (p *problems) Error() string { return p.text }

// fieldsOf are the problems of an error that joins those of single fields, each under
// the name that the form has for it; ok is false when it is another error.
func fieldsOf(err error, name func(field string) string) (fields []fieldProblem, ok bool) {
	if joined, several := err.(interface{ Unwrap() []error }); several {
		for _, one := range joined.Unwrap() {
			more, ok := fieldsOf(one, name)
			if !ok {
				return nil, false
			}
			fields = append(fields, more...)
		}
		return fields, len(fields) > 0
	}
	var invalid *operator.Invalid
	var taken *operator.AddressTaken
	switch {
	case errors.As(err, &invalid):
		return []fieldProblem{{Field: name(invalid.Field), Text: sentence(err)}}, true
	case errors.As(err, &taken):
		return []fieldProblem{{Field: name("email"), Text: sentence(err)}}, true
	}
	return nil, false
}

// staleText says what somebody else has done, and when.
func (c *Console) staleText(stale *operator.Stale) string {
	text := sentence(stale)
	if stale.By != "" {
		text = fmt.Sprintf("%s (by %s, %s ago).", text[:len(text)-1], stale.By, ago(c.Now().Sub(stale.At)))
	}
	return text + " Nothing was changed by you. This is how it stands now; what you typed is kept, except a password."
}

// loginText says what a mail server did not like, and what became of the account.
func loginText(failed *operator.LoginFailed) string {
	var what string
	switch failed.Then {
	case operator.PutInError:
		what = "could not log in and is in error"
	case operator.KeptInError:
		what = "could not log in; it is added, and in error until it is reconnected"
	case operator.OnlyTested, operator.ConnectedUnread:
		what = "could not log in; nothing was changed"
	case operator.SettingsNotKept, operator.NotAdded:
		what = "could not log in with these settings, which are not kept"
	case operator.NothingChanged:
	}
	if what == "" || !failed.AtFault && failed.Then != operator.SettingsNotKept {
		what = "could not log in just now, and nothing was changed; try again later"
	}
	return fmt.Sprintf("%s %s. The server said: “%s”", failed.Address, what, plaintext.Line(failed.Words, 300))
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(err error) string {
	text := plaintext.Line(err.Error(), 700)
	first, size := utf8.DecodeRuneInString(text)
	if text == "" {
		return ""
	}
	if word, _, _ := strings.Cut(text, " "); !strings.Contains(word, "@") { // an address stays as it is
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}

// ago is a duration as people say it.
func ago(since time.Duration) string {
	switch {
	case since < time.Minute:
		return fmt.Sprintf("%d s", max(int(since.Seconds()), 0))
	case since < time.Hour:
		return fmt.Sprintf("%d min", int(since.Minutes()))
	case since < 48*time.Hour:
		return fmt.Sprintf("%d h", int(since.Hours()))
	}
	return fmt.Sprintf("%d days", int(since.Hours()/24))
}
