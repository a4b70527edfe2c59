package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// ImportRow is one contact of a file; no two rows of an import are the same one.
type ImportRow struct {
	Contact campaign.Contact
	// Source names what gave Contact.RecordID its number; empty when unknown.
	Source string
	// Also are further record ids of Source that mean this contact.
	Also []string
	// Person is name, company and phone, folded, by which a contact with neither
	// address nor record id is recognised; empty when there is nothing to fold.
	Person string
}

// ImportOptions says how to import. The zero value writes, without a name and
// without reports of its progress.
type ImportOptions struct {
	By     string
	DryRun bool
	// SourceNamed is true when a person has named the source. Its record ids are
	// then believed; otherwise a record whose name, company and address all differ
	// is taken to be another product's.
	SourceNamed bool
	// Progress receives how many rows are done, now and then; it may be nil.
	Progress func(done int)
}

// Imported counts what an import has done, or would do.
type Imported struct {
	Created, Updated, Unchanged int
	// Resuming counts the contacts that were parked on what changed.
	Resuming int
	// Ended counts the parked contacts that cannot go on: their workflow was ended
	// from outside.
	Ended int
	// Kept are the rows whose address or whole was not taken, and why.
	Kept []Kept

	freed Change
}

// Change is the import as one change, for the contacts that were parked on it.
func (i Imported) Change() Change { return i.freed }

// Skipped counts the rows of which nothing was taken.
func (i Imported) Skipped() int {
	n := 0
	for _, kept := range i.Kept {
		if kept.Why == RecordOfAnother || kept.Why == AddressOfAnotherRow {
			n++
		}
	}
	return n
}

// Kept says why the address of a row did not become that of its contact.
type Kept struct {
	Row     int   // the index of the row
	Contact int64 // the contact that Why speaks of
	// Here is the address that stays, Given the one of the row.
	Here, Given string
	Why         KeptReason
}

// KeptReason is why an import leaves something as it is.
type KeptReason string

const (
	// SetHere says that a person has set the contact's address since.
	SetHere KeptReason = "set_here"
	// EarlierAddress says that the row gives an address that the contact had before.
	EarlierAddress KeptReason = "earlier_address"
	// AddressOfAnother says that another contact has the row's address; the rest is taken.
	AddressOfAnother KeptReason = "address_of_another"
	// AddressOfAnotherRow says that the row's address stays with a contact that is another
	// row, so that none is left for this one; it is skipped.
	AddressOfAnotherRow KeptReason = "address_of_another_row"
	// RecordOfAnother says that the record id is that of a contact with another name,
	// company and address; the row is skipped.
	RecordOfAnother KeptReason = "record_of_another"
)

// Import writes contacts, in one transaction; imports wait for each other. A
// value of the file replaces another one, an empty one never erases, and custom
// fields are added to those that exist. A row is the contact that
//
//  1. is known by its record id of the same named source; else
//  2. has its address; else
//  3. is known by its record id, where the source has no name, and has the same
//     name, or one of them no address; else
//  4. had its address before, and has the same name; else
//  5. has the same name, company and phone, and not another record id.
//
// A new address of a known record becomes the contact's, unless a person has set
// the contact's address here (Kept). Importing twice changes nothing. Contacts
// that are parked on what changed are resumed. With DryRun nothing is written.
func (s *Store) Import(ctx context.Context, rows []ImportRow, o ImportOptions) (Imported, error) {
	var imported Imported
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		var changes []contactChange
		imported, _, changes, err = importRows(ctx, tx, rows, o)
		switch {
		case err != nil:
			return err
		case o.DryRun:
			return errDryRun
		}
		return rezone(ctx, tx, changes)
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		return Imported{}, fmt.Errorf("importing contacts: %w", err)
	}
	return imported, nil
}

// importRows is Import in a transaction, which a dry run has to take back. It also
// says of each row what became of it, and which contacts are others by now: their places in line are left to rezone.
func importRows(ctx context.Context, tx pgx.Tx, rows []ImportRow, o ImportOptions) (Imported, []ImportedContact, []contactChange, error) {
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	if err := lockContactWriters(ctx, tx); err != nil {
		return Imported{}, nil, nil, err
	}
	prepared := prepareRows(rows)
	known, err := knownContacts(ctx, tx, prepared)
	if err != nil {
		return Imported{}, nil, nil, err
	}
	plan := known.plan(prepared, o.SourceNamed)
	imported := Imported{Created: len(plan.fresh), Updated: len(plan.changes), Unchanged: plan.unchanged, Kept: plan.kept}
	if err := vacate(ctx, tx, plan.vacated); err != nil {
		return Imported{}, nil, nil, err
	}
	if !o.DryRun { // an insert that is taken back would use up the ids
		if err := insertContacts(ctx, tx, plan.fresh, func(n int) { o.Progress(imported.Unchanged + n) }); err != nil {
			return Imported{}, nil, nil, err
		}
		if err := recordSources(ctx, tx, plan); err != nil {
			return Imported{}, nil, nil, err
		}
	}
	if imported.freed, err = updateContacts(ctx, tx, plan.changes, o.By, func(n int) { o.Progress(imported.Unchanged + len(plan.fresh) + n) }); err != nil {
		return Imported{}, nil, nil, err
	}
	imported.Resuming, imported.Ended = imported.freed.Resuming, imported.freed.Ended
	if touched := imported.Created + imported.Updated; touched > 0 && !o.DryRun {
		if err := (Activity{By: o.By, Kind: DidImport, Thing: AContact, Count: touched}).write(ctx, tx); err != nil {
			return Imported{}, nil, nil, err
		}
	}
	return imported, plan.outcomes(len(rows)), plan.changes, nil
}

// prepareRows brings addresses and keys into the form in which they are kept.
func prepareRows(rows []ImportRow) []ImportRow {
	prepared := make([]ImportRow, len(rows))
	for i, row := range rows {
		row.Contact.Email = campaign.Spellings(row.Contact.Email)[0]
		row.Contact.RecordID, row.Person, row.Source = indexable(row.Contact.RecordID), indexable(row.Person), indexable(row.Source)
		row.Also = slices.Clone(row.Also)
		for j := range row.Also {
			row.Also[j] = indexable(row.Also[j])
		}
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

// overlay lays the values of a row over a contact, its address aside. The record
// id is filled in only where there is none: contact_sources knows the others.
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
