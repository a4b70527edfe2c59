package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// ContactFill is an edit of one contact among many.
type ContactFill struct {
	ID   int64
	Edit ContactEdit
	// Seen is as for Seeing: the last fix of the contact's own causes that was seen.
	Seen int64
}

// Filled is what FillContacts has done.
type Filled struct {
	Change
	// Kept counts the contacts that have changed. Refused has, for each fill, why it was
	// not kept; nil for one that was, or that changed nothing.
	Kept    int
	Refused []error
}

// FillContacts is SetContact for many contacts in one transaction, no two fills being of
// one contact: those that can be kept are, each of the others has its own reason. It is
// meant for some hundreds at once, so that no park waits long for their rows.
func (s *Store) FillContacts(ctx context.Context, fills []ContactFill, by string) (Filled, error) {
	var filled Filled
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		filled = Filled{Refused: make([]error, len(fills))}
		facts, err := fillFacts(ctx, tx, fills)
		if err != nil {
			return err
		}
		var changes []contactChange
		for i, fill := range fills {
			change, err := facts.fill(fill)
			switch filled.Refused[i] = err; {
			case err != nil || len(contactEdits(change.before, change.after)) == 0:
				continue
			case change.after.Email != change.before.Email:
				facts.take(change.after)
			}
			changes = append(changes, change)
		}
		filled.Kept = len(changes)
		if filled.Change, err = updateContacts(ctx, tx, changes, by, func(int) {}); err != nil {
			return err
		}
		return rezone(ctx, tx, changes)
	})
	return filled, err
}

// filling is what the fills of a transaction are judged by.
type filling struct {
	contacts map[int64]*knownContact
	fixes    map[failure.Cause]Fix
	// owners are the contacts of the addresses that are given, by each spelling.
	owners map[string]campaign.Contact
}

// fillFacts closes the contacts to parks and fixes, and reads what there is to know.
func fillFacts(ctx context.Context, tx pgx.Tx, fills []ContactFill) (filling, error) {
	facts := filling{contacts: map[int64]*knownContact{}, owners: map[string]campaign.Contact{}}
	if err := lockContactWriters(ctx, tx); err != nil {
		return facts, err
	}
	ids, causes, addresses := make([]int64, len(fills)), []failure.Cause{}, []string{}
	for i, fill := range fills {
		ids[i] = fill.ID
		causes = append(causes, failure.ContactEmail(fill.ID), failure.ContactFields(fill.ID))
		if email := fill.Edit.Email; email != nil && *email != "" {
			addresses = append(addresses, campaign.Spellings(*email)...)
		}
	}
	rows, err := tx.Query(ctx, `SELECT `+contactColumns+`, folded, `+emailSetHere+` AS set_here, former_emails AS former
		FROM contacts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE`, ids)
	if err != nil {
		return facts, err
	}
	contacts, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[knownContact])
	if err != nil {
		return facts, err
	}
	for _, contact := range contacts {
		facts.contacts[contact.ID] = contact
	}
	if rows, err = tx.Query(ctx, `SELECT `+contactColumns+` FROM contacts WHERE email <> '' AND email = ANY ($1)`, addresses); err != nil {
		return facts, err
	}
	owners, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Contact])
	if err != nil {
		return facts, err
	}
	for _, owner := range owners {
		facts.take(owner)
	}
	facts.fixes, err = lastFixes(ctx, tx, causes)
	return facts, err
}

// take notes whose an address is.
func (f *filling) take(owner campaign.Contact) {
	for _, spelling := range campaign.Spellings(owner.Email) {
		f.owners[spelling] = owner
	}
}

// fill is what a fill makes of its contact, or why it cannot be.
func (f *filling) fill(fill ContactFill) (contactChange, error) {
	before, known := f.contacts[fill.ID]
	if !known {
		return contactChange{}, noSuch("contact", fill.ID)
	}
	for _, cause := range []failure.Cause{failure.ContactEmail(fill.ID), failure.ContactFields(fill.ID)} {
		if fix := f.fixes[cause]; fix.ID > fill.Seen {
			return contactChange{}, &Stale{Text: "this has been fixed meanwhile", By: fix.By, At: fix.At}
		}
	}
	after := edited(before.Contact, fill.Edit)
	if owner, taken := f.owners[after.Email]; taken && after.Email != "" && owner.ID != fill.ID {
		return contactChange{}, &AddressTaken{after.Email, owner.ID, owner.Name()}
	}
	return contactChange{before.Contact, after, before.SetHere || after.Email != before.Email}, nil
}
