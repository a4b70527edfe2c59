package cli

import (
	"context"

	"relance/internal/store"
)

// oneContact reads an id or an address and makes sure that a contact has it.
func oneContact(ctx context.Context, db *store.Store, text string) (int64, error) {
	ids, err := contactIDs(ctx, db, []string{text})
	if err != nil {
		return 0, err
	}
	if len(ids) != 1 {
		return 0, usagef("expected one contact: an id or an email address")
	}
	if err := db.CheckContacts(ctx, ids); err != nil {
		return 0, hint(err, "starter contacts list")
	}
	return ids[0], nil
}
