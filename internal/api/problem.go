package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"relance/internal/failure"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

// Problem says why a request was refused (RFC 9457). Nothing was changed then, except
// where Detail says what was.
type Problem struct {
	// Type is urn:relance:problem: and the code.
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is about this request, Code for programs: one of the catalogue's, or of ours.
	Detail   string `json:"detail"`
	Code     string `json:"code"`
	HowToFix string `json:"howToFix"`
	// Next is the command to type next, or the path to look at.
	Next string `json:"next"`
	// Errors are the places of the body, the query or a header that are wrong.
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError is what is wrong with one value.
type FieldError struct {
	// Pointer is a JSON pointer into the body (RFC 6901): /contacts/3/email. Of the
	// query it is ?name, of a header its name.
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// kind is what problems of one code have in common.
type kind struct {
	status                      int
	code, title, howToFix, next string
}

const documented = Root + "/openapi.yaml"

// The kinds of problems.
var (
	unauthenticated   = kind{http.StatusUnauthorized, "Unauthenticated", "No valid token", "Send the header Authorization: Bearer with a token that is valid.", "starter token add NAME"}
	forbidden         = kind{http.StatusForbidden, "Forbidden", "The token may not do this", "Use a token with the role operator.", "starter token add NAME --role operator"}
	notFound          = kind{http.StatusNotFound, "NotFound", "There is no such thing", "Look up what there is.", documented}
	methodNotAllowed  = kind{http.StatusMethodNotAllowed, "MethodNotAllowed", "The path does not take this method", "Use a method that the header Allow names.", documented}
	stale             = kind{http.StatusConflict, "Stale", "Somebody has changed this meanwhile", "Look at how it stands now, and decide again.", Root + "/errors?group=cause"}
	refused           = kind{http.StatusConflict, "Refused", "The state of things does not allow this", "Look at how it stands now.", Root + "/errors"}
	keyReused         = kind{http.StatusUnprocessableEntity, "IdempotencyKeyReused", "The Idempotency-Key has been used for another request", "Use a new key for each request, and the same key only to repeat one.", documented}
	tooLarge          = kind{http.StatusRequestEntityTooLarge, "BodyTooLarge", "The body is too large", "Send at most 1 MiB and 1,000 contacts in one request.", documented}
	notJSON           = kind{http.StatusUnsupportedMediaType, "NotJSON", "The body is not JSON", "Send the body as application/json.", documented}
	badBody           = kind{http.StatusBadRequest, "BadBody", "The body cannot be read", "Correct the body as the document describes it.", documented}
	unknownField      = kind{http.StatusBadRequest, "UnknownField", "The body has a field that is not known", "Leave it out, or correct its name.", documented}
	badParameter      = kind{http.StatusBadRequest, "BadParameter", "A parameter or a header cannot be read", "Correct it as the document describes it.", documented}
	invalidValue      = kind{http.StatusUnprocessableEntity, "InvalidValue", "A value cannot be one", "Correct the value.", documented}
	unclearContacts   = kind{http.StatusUnprocessableEntity, "UnclearContacts", "It is not clear which contacts are meant", "Give each of them an address or a record id with its source, or leave it out.", documented}
	passwordNeeded    = kind{http.StatusUnprocessableEntity, "PasswordNeeded", "The stored password is not sent there", "Give the password with the settings that change.", documented}
	timedOut          = kind{http.StatusGatewayTimeout, "TimedOut", "There was no answer in time", "Try again in a moment.", documented}
	notAvailable      = kind{http.StatusServiceUnavailable, "Unavailable", "This cannot be done just now", "Try again in a moment; the console's log says why.", documented}
	deliveryUncertain = ofCatalogue(failure.DeliveryUncertain, http.StatusConflict, `"assume": "sent" or "assume": "not-sent" in the body`)
	accountInError    = ofCatalogue(failure.EmailAccountInError, http.StatusUnprocessableEntity, "starter email-account test ADDRESS")
)

func ofCatalogue(code failure.Code, status int, next string) kind {
	entry := code.Entry()
	return kind{status, string(code), entry.Title, entry.HowToFix, next}
}

// wrong refuses a request before anything is asked of the operator.
type wrong struct {
	kind
	text   string
	fields []FieldError
}

func (e *wrong) Error() string { return e.text }

// problemOf is the one place where errors become answers.
func problemOf(err error) Problem {
	var (
		ours      *wrong
		tooMuch   *http.MaxBytesError
		token     *operator.BadToken
		missing   *operator.NotFound
		invalid   *operator.Invalid
		old       *operator.Stale
		reused    *operator.KeyReused
		unclear   *operator.UnclearContacts
		needed    *operator.PasswordNeeded
		login     *operator.LoginFailed
		uncertain *operator.NeedsAnswer
		account   *operator.AccountIs
	)
	switch {
	case errors.As(err, &ours):
		return ours.kind.problem(err, ours.fields...)
	case errors.As(err, &tooMuch):
		return tooLarge.problem(errors.New("the body has more than " + strconv.FormatInt(tooMuch.Limit, 10) + " bytes"))
	case errors.As(err, &token):
		return unauthenticated.problem(err)
	case errors.As(err, &missing):
		return missingProblem(missing)
	case errors.As(err, &invalid):
		return invalidValue.problem(err, FieldError{"/" + strings.TrimPrefix(invalid.Field, "/"), sentence(err)})
	case errors.As(err, &old):
		return stale.problem(err)
	case errors.As(err, &reused):
		return keyReused.problem(err, FieldError{"Idempotency-Key", sentence(err)})
	case errors.As(err, &unclear):
		return unclearContacts.problem(err, unclearFields(unclear)...)
	case errors.As(err, &needed):
		return passwordNeeded.problem(err, FieldError{"/password", sentence(err)})
	case errors.As(err, &login):
		p := accountInError.problem(err)
		p.Next = strings.ReplaceAll(p.Next, "ADDRESS", login.Address)
		return p
	case errors.As(err, &uncertain):
		return deliveryUncertain.problem(err, FieldError{"/assume", "is missing; expected sent or not-sent"})
	case errors.As(err, &account):
		p := refused.problem(err)
		p.HowToFix, p.Next = "Add the address again first.", "starter email-account add "+account.Address
		return p
	case errors.Is(err, operator.ErrNotFound):
		return notFound.problem(err)
	case errors.Is(err, operator.ErrRefused):
		return refused.problem(err)
	case errors.Is(err, context.DeadlineExceeded):
		return timedOut.problem(errors.New("there was no answer within " + requestTime.String() + "; what was asked for may have been done all the same"))
	}
	return notAvailable.problem(errors.New("the database does not answer, or not as it should"))
}

func (k kind) problem(err error, fields ...FieldError) Problem {
	return Problem{
		Type: "urn:relance:problem:" + k.code, Title: k.title, Status: k.status, Detail: sentence(err), Code: k.code,
		HowToFix: k.howToFix, Next: k.next, Errors: fields,
	}
}

// missingProblem says what there is instead.
func missingProblem(missing *operator.NotFound) Problem {
	p := notFound.problem(missing)
	const most = 20
	if names := missing.Existing; len(names) > 0 && len(names) <= most {
		p.HowToFix = "Use one of these: " + strings.Join(names, ", ") + "."
	}
	switch missing.Thing {
	case operator.CampaignThing:
		p.Next = "starter campaign list"
	case operator.AccountThing:
		p.Next = "starter email-account list"
	case operator.CodeThing:
		p.Next = "starter errors codes"
	case operator.ContactAddress:
		p.Next = "starter contacts list --search " + missing.Key
	}
	return p
}

func unclearFields(unclear *operator.UnclearContacts) []FieldError {
	fields := make([]FieldError, len(unclear.Problems))
	for i, p := range unclear.Problems {
		fields[i] = FieldError{strings.TrimSuffix("/contacts/"+strconv.Itoa(p.Contact)+"/"+p.Field, "/"), p.Problem}
	}
	return fields
}

// refuse answers with the problem that an error is.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // nobody listens any more
	}
	p := problemOf(err)
	switch p.Status {
	case http.StatusServiceUnavailable:
		a.Log.Error("a request of a program cannot be carried out", "method", r.Method, "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "10")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="relance"`)
	}
	a.encode(w, p.Status, "application/problem+json", p)
}

// sentence begins with a capital letter, unless with an address, and ends with a full stop.
func sentence(err error) string {
	text := plaintext.Line(err.Error(), plaintext.Note)
	first, size := utf8.DecodeRuneInString(text)
	if text == "" {
		return ""
	}
	if last, _ := utf8.DecodeLastRuneInString(text); last != '.' && last != '!' && last != '?' {
		text += "."
	}
	if word, _, _ := strings.Cut(text, " "); strings.Contains(word, "@") {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
