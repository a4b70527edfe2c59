package console

import (
	"net/http"
	"slices"

	"relance/internal/operator"
)

// contactView is a contact, where it is in error, and all that has happened to it.
type contactView struct {
	operator.ContactDetails
	// Seen is for the form with its address.
	Seen int64
	// Errors are where it is in error, with the value to fill in.
	Errors []valueOf
	// Events are the timeline, newest first.
	Events []operator.Event
}

func pageContact(c *Console, r *http.Request, _ *frame) (view, error) {
	id, err := contactID(r)
	if err != nil {
		return view{}, err
	}
	errors, seen, err := c.Operator.ContactErrors(r.Context(), id) // before the rest: what is fixed meanwhile was not seen
	if err != nil {
		return view{}, err
	}
	shown := contactView{Seen: seen, Errors: valuesOf(errors)}
	if shown.ContactDetails, err = c.Operator.Contact(r.Context(), id); err != nil {
		return view{}, err
	}
	shown.Events, err = c.Operator.Timeline(r.Context(), id, "")
	slices.Reverse(shown.Events)
	return view{"contact", shown.Name(), shown}, err
}
