package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// ImportRow is one contact of a file; no two rows of an import are the same one.
type ImportRow struct {
	Contact campaign.Contact
	// Person is name, company and phone, folded, by which a contact with neither
	// address nor record id is recognised; empty when there is nothing to fold.
	Person string
}

// ImportOptions says how to import. The zero value writes, and tells nobody.
type ImportOptions struct {
	By     string
	DryRun bool
	// Progress is told how many rows are done, now and then; nil is told nothing.
	Progress func(done int)
}

// Imported counts what an import has done, or would do.
type Imported struct {
	Created, Updated, Unchanged int
	// Resuming counts the contacts that were parked on what changed.
	Resuming int
	// Ended counts those of them that cannot go on: their workflow was ended from outside.
	Ended int

	freed Change
}

// Change is the import as one change, for those who were parked on it.
func (i Imported) Change() Change { return i.freed }

// Import writes contacts, in one transaction; imports wait for each other. A
// value of the file replaces another one, an empty one never erases, and custom
// fields are added to those that exist. A row is the contact that
//
//  1. has its address; else, for a row without address,
//  2. has its record id; else
//  3. has the same name, company and phone, and not another record id.
//
// A row whose address nobody has is a contact of 2 or 3 that was imported
// without one: so an address that was filled in at the source reaches the
// contact that waits for it. Importing twice changes nothing. Whoever is parked
// on what changed is woken. With DryRun nothing is written.
func (s *Store) Import(ctx context.Context, rows []ImportRow, o ImportOptions) (Imported, error) {
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	var imported Imported
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		imported = Imported{}
		if err := lockContactWriters(ctx, tx); err != nil {
			return err
		}
		prepared := prepareRows(rows)
		known, err := knownContacts(ctx, tx, prepared)
		if err != nil {
			return err
		}
		found := known.match(prepared)
		var fresh []ImportRow
		var changes []contactChange
		for i, row := range prepared {
			if found[i] == nil {
				fresh = append(fresh, row)
				continue
			}
			before := found[i].Contact
			if after, differs := overlay(before, row.Contact); differs {
				changes = append(changes, contactChange{before, after})
			} else {
				imported.Unchanged++
			}
		}
		imported.Created, imported.Updated = len(fresh), len(changes)
		if !o.DryRun { // an insert that is taken back would use up the ids
			if err := insertContacts(ctx, tx, fresh, func(n int) { o.Progress(imported.Unchanged + n) }); err != nil {
				return err
			}
		}
		if imported.freed, err = updateContacts(ctx, tx, changes, o.By, func(n int) { o.Progress(imported.Unchanged + len(fresh) + n) }); err != nil {
			return err
		}
		imported.Resuming, imported.Ended = imported.freed.Resuming, imported.freed.Ended
		if o.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		return Imported{}, fmt.Errorf("importing contacts: %w", err)
	}
	return imported, nil
}

// prepareRows brings addresses and keys into the form in which they are kept.
func prepareRows(rows []ImportRow) []ImportRow {
	prepared := make([]ImportRow, len(rows))
	for i, row := range rows {
		row.Contact.Email = campaign.Spellings(row.Contact.Email)[0]
		row.Contact.RecordID, row.Person = indexable(row.Contact.RecordID), indexable(row.Person)
		prepared[i] = row
	}
	return prepared
}

// indexable bounds a key: PostgreSQL refuses index entries of more than 2704
// bytes, and one odd cell must not refuse the file.
func indexable(key string) string {
	const most = 500
	if len(key) <= most {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:most], "") + hex.EncodeToString(sum[:])
}

// overlay lays the values of a row over a contact. The record id is filled in
// only where there is none: two sources that number the same contact would
// otherwise take turns.
func overlay(contact, row campaign.Contact) (campaign.Contact, bool) {
	differs := false
	lay := func(to *string, from string) {
		if from != "" && from != *to {
			*to, differs = from, true
		}
	}
	lay(&contact.FirstName, row.FirstName)
	lay(&contact.LastName, row.LastName)
	lay(&contact.Company, row.Company)
	if !sameMailbox(contact.Email, row.Email) {
		lay(&contact.Email, row.Email)
	}
	lay(&contact.Phone, row.Phone)
	if contact.RecordID == "" {
		lay(&contact.RecordID, row.RecordID)
	}
	fields := make(map[string]string, len(contact.Fields)+len(row.Fields))
	for name, value := range contact.Fields {
		fields[name] = value
	}
	for name, value := range row.Fields {
		if value != "" && fields[name] != value {
			fields[name], differs = value, true
		}
	}
	contact.Fields = fields
	return contact, differs
}
