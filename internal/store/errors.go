package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relance/internal/campaign"
)

// Kind is what went wrong, for a front end's exit code or HTTP status. It is an
// error itself, so that errors.Is(err, ErrNotFound) matches every Error of it.
type Kind string

// Error is the kind's name. It is no part of an Error's text.
func (k Kind) Error() string { return string(k) }

// The kinds of errors that callers tell apart.
const (
	// ErrNotFound: what was named does not exist.
	ErrNotFound Kind = "not found"
	// ErrRefused: the state of things does not allow a change.
	ErrRefused Kind = "refused"
	// ErrConflict: other transactions have changed the same at the same time; it
	// may be tried again.
	ErrConflict Kind = "conflict"
)

// Error is a failure that a person can do something about.
type Error struct {
	Kind Kind
	// Text is one sentence without a full stop.
	Text string
	// Thing and Key name what does not exist, for example `campaign` and `q4`, so
	// that a front end can say what does. Empty unless Kind is ErrNotFound, and
	// where more than one thing is missing.
	Thing, Key string
	// Cause is the driver's error; nil when there was none.
	Cause error
}

// Error is the text alone.
func (e *Error) Error() string { return e.Text }

// Unwrap matches the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// refusedf is an Error of kind ErrRefused.
func refusedf(format string, args ...any) error {
	return &Error{Kind: ErrRefused, Text: fmt.Sprintf(format, args...)}
}

// noSuch is an Error of kind ErrNotFound.
func noSuch(thing string, key any) error {
	name := fmt.Sprint(key)
	return &Error{Kind: ErrNotFound, Thing: thing, Key: name, Text: "there is no " + thing + " " + name}
}

// mapError is the one place where the driver's errors become the store's: no
// row is ErrNotFound; a deadlock and a serialization failure are ErrConflict;
// what PostgreSQL says of a value and will say again, class 22 (data exception)
// and 54 (a limit, such as the size of an index entry), is campaign.ErrUnstorable.
// Anything else is left as it is.
func mapError(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return &Error{Kind: ErrNotFound, Text: err.Error(), Cause: err}
	}
	var server *pgconn.PgError
	if !errors.As(err, &server) || len(server.Code) != 5 || errors.Is(err, campaign.ErrUnstorable) {
		return err
	}
	switch class := server.Code[:2]; {
	case server.Code == "40P01", server.Code == "40001":
		return &Error{Kind: ErrConflict, Text: "other changes were made at the same time; try again: " + err.Error(), Cause: err}
	case class == "22", class == "54":
		return fmt.Errorf("%w: %w", campaign.ErrUnstorable, err)
	}
	return err
}

// isMissing is true when a query for one row has found none.
func isMissing(err error) bool { return errors.Is(mapError(err), ErrNotFound) }

// isConflict is true when the transaction was the victim of others.
func isConflict(err error) bool { return errors.Is(mapError(err), ErrConflict) }

// named names what a query for one row has not found.
func named(err error, thing string, key any) error {
	if isMissing(err) {
		return noSuch(thing, key)
	}
	return err
}
