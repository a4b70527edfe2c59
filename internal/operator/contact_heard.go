package operator

import (
	"context"

	"relance/internal/store"
)

// Hold keeps every email from a contact until a time.
type Hold = store.Hold

// ContactHeard is what was heard of a contact, as far as it keeps emails from it.
type ContactHeard struct {
	// Hold is set while the person is away, or somebody has to look at an answer.
	Hold *Hold `json:"hold,omitempty"`
	// Suppression is that of the address, or of its domain; Bounce is on the bounce list.
	Suppression *Suppression `json:"suppression,omitempty"`
	Bounce      *Bounce      `json:"bounce,omitempty"`
}

// ContactShown is a contact with what was heard of it.
type ContactShown struct {
	ContactDetails
	ContactHeard
}

// Heard says what keeps emails from a contact, by what was heard of it; see Contact for its errors.
func (o *Operator) Heard(ctx context.Context, contact Contact) (heard ContactHeard, err error) {
	db, err := o.database(ctx)
	if err != nil {
		return heard, err
	}
	if heard.Hold, err = db.HoldOf(ctx, contact.ID); err != nil || contact.Email == "" {
		return heard, err
	}
	if heard.Suppression, err = db.SuppressionOf(ctx, contact.Email); err != nil {
		return heard, err
	}
	bounce, bounced, err := db.BounceOf(ctx, contact.Email)
	if bounced {
		heard.Bounce = &bounce
	}
	return heard, err
}
