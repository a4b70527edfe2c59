package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// Found is the contact that a row of a file is. ID is 0 when it is none.
type Found struct {
	ID int64
	// Other is another contact that the row may mean as well: the one that has
	// its address, or its record id; 0 for none.
	Other int64
	// Differs is true when the row gives our own id of a contact that has another
	// name or address.
	Differs bool
}

// FindContacts says for each row which contact it is, by the rules of Import,
// and writes nothing. A row with Contact.ID is that contact; where it gives the
// same number as RecordID too, no other contact may be known by it.
func (s *Store) FindContacts(ctx context.Context, rows []ImportRow, o ImportOptions) ([]Found, error) {
	var result []Found
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		prepared := prepareRows(rows)
		known, err := knownContacts(ctx, tx, prepared)
		if err != nil {
			return err
		}
		result = make([]Found, len(rows))
		var others []ImportRow
		var at []int
		for i, row := range prepared {
			if row.Contact.ID != 0 {
				result[i] = known.own(row)
			} else {
				others, at = append(others, row), append(at, i)
			}
		}
		found, strangers := known.match(others, o.SourceNamed)
		for j, row := range others {
			owner := known.byEmail[row.Contact.Email]
			switch to := &result[at[j]]; {
			case found[j] != nil:
				to.ID = found[j].ID
				if owner != nil && owner.ID != to.ID {
					to.Other = owner.ID
				}
			case strangers[j] != nil:
				to.Other = strangers[j].ID
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("finding contacts: %w", err)
	}
	return result, nil
}

// own is the contact with the id of the row, and what speaks against it.
func (k known) own(row ImportRow) Found {
	var found Found
	for _, other := range k.byRecord[row.Contact.RecordID] {
		if other.ID != row.Contact.ID && row.Contact.RecordID == strconv.FormatInt(row.Contact.ID, 10) {
			found.Other = other.ID
		}
	}
	contact, given := k.byID[row.Contact.ID], row.Contact.Email
	if contact == nil {
		return found
	}
	found.ID = contact.ID
	sameAddress := given != "" && (given == contact.mailbox || slices.Contains(contact.Former, given))
	found.Differs = !sameAddress && (given != "" && contact.Email != "" || !alike(contact.Contact, row.Contact))
	return found
}
