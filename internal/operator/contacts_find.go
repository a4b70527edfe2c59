package operator

import (
	"context"

	"relance/internal/plaintext"
)

// ContactPage is a part of a list of contacts, by id.
type ContactPage struct {
	Items []Contact
	// Next is the id after which the page that follows begins; 0 when this is the last.
	Next int64
}

// FindContacts lists the contacts whose name, in either order, or whose address begins
// with a text, or whose id or record id it is, letter case aside; all for an empty text:
// limit of them, with a higher id than after. It is quick however many there are;
// Contacts looks into every value instead.
func (o *Operator) FindContacts(ctx context.Context, text string, after int64, limit int) (ContactPage, error) {
	db, err := o.database(ctx)
	if err != nil {
		return ContactPage{}, err
	}
	found, err := db.SearchContacts(ctx, plaintext.Line(text, plaintext.Name), after, limit+1)
	page := ContactPage{Items: make([]Contact, min(len(found), limit))}
	for i := range page.Items {
		page.Items[i] = contactOf(found[i])
	}
	if len(found) > limit {
		page.Next = found[limit-1].ID
	}
	return page, err
}
