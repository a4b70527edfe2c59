package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// ContactEdit changes a contact. What is nil stays as it is.
type ContactEdit struct {
	FirstName, LastName, Company, Phone *string
	// Email is a bare address that can exist; empty clears it.
	Email *string
	// Fields sets custom fields; an empty value takes the field away.
	Fields map[string]string
	// Version is the ContactVersion that was seen: a change since is a Stale. 0 is not asked.
	Version int64
}

// AddressTaken refuses an address that another contact has. It wraps ErrRefused.
type AddressTaken struct {
	Address string
	// Contact has it, and is called Name.
	Contact int64
	Name    string
}

func (e *AddressTaken) Error() string {
	return fmt.Sprintf("contact %d (%s) has the address %s already", e.Contact, e.Name, e.Address)
}

// Unwrap makes it a refusal.
func (*AddressTaken) Unwrap() error { return ErrRefused }

// lockContactWriters lets one transaction at a time write contacts or take a
// bounce back: an import reads, compares and writes thousands of them, and a
// bounce that goes must know every contact that has, or is getting, its address.
func lockContactWriters(ctx context.Context, tx pgx.Tx) error {
	const key = 0x72656c636f6e7461 // "relconta"
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(key))
	return err
}

// SetContact changes a contact and returns it as it is now. A new address wakes
// those that were parked on the old one, or on none; any change wakes those
// whose message could not be rendered. ErrNotFound when there is no such
// contact, ErrRefused when another contact has the address.
func (s *Store) SetContact(ctx context.Context, id int64, edit ContactEdit, by string) (campaign.Contact, Change, error) {
	var contact campaign.Contact
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: s.rate}
		if err := lockContactWriters(ctx, tx); err != nil {
			return err
		}
		before, err := contactWhere(ctx, tx, `id = $1 FOR NO KEY UPDATE`, id)
		if err != nil {
			return named(err, "contact", id)
		}
		if err := s.fresh(ctx, tx, failure.ContactFields(id), failure.ContactEmail(id)); err != nil {
			return err
		}
		contact = edited(before, edit)
		change.Edits = contactEdits(before, contact)
		if len(change.Edits) == 0 {
			return nil
		}
		if err := sameContact(ctx, tx, before, edit.Version); err != nil {
			return err
		}
		if contact.Email != before.Email {
			if err := addressIsFree(ctx, tx, contact); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `
			UPDATE contacts SET first_name = $2, last_name = $3, company = $4, email = $5, phone = $6, fields = $7, changed_at = clock_timestamp(),
			       email_mended = CASE WHEN email <> $5 THEN true ELSE `+emailSetHere+` END,
			       former_emails = CASE WHEN email <> $5 AND email <> '' THEN array_append(array_remove(array_remove(former_emails, $5), email), email) ELSE former_emails END
			 WHERE id = $1`, id, contact.FirstName, contact.LastName, contact.Company, contact.Email, contact.Phone, contact.Fields); err != nil {
			return err
		}
		if err := change.announce(ctx, tx, by, contactCauses(before, contact)...); err != nil {
			return err
		}
		if err := change.log(ctx, tx, by, DidChange, AContact, strconv.FormatInt(id, 10)); err != nil {
			return err
		}
		return rezone(ctx, tx, []contactChange{{before: before, after: contact}})
	})
	return contact, change, err
}

// emailSetHere is true when a person has set the address of a contact. Of contacts
// from before that was written down, it is taken to be so when they have changed.
const emailSetHere = `coalesce(email_mended, email <> '' AND changed_at <> created_at)`

func edited(before campaign.Contact, edit ContactEdit) campaign.Contact {
	contact := before
	for _, part := range []struct{ to, from *string }{
		{&contact.FirstName, edit.FirstName}, {&contact.LastName, edit.LastName}, {&contact.Company, edit.Company},
		{&contact.Email, edit.Email}, {&contact.Phone, edit.Phone},
	} {
		if part.from != nil {
			*part.to = strings.TrimSpace(*part.from)
		}
	}
	if contact.Email = campaign.Spellings(contact.Email)[0]; sameMailbox(contact.Email, before.Email) {
		contact.Email = before.Email
	}
	fields := maps.Clone(contact.Fields)
	if fields == nil {
		fields = map[string]string{}
	}
	for name, value := range edit.Fields {
		if value == "" {
			delete(fields, name)
		} else {
			fields[name] = value
		}
	}
	contact.Fields = fields
	return contact
}

// contactEdits compares two states of a contact, the record id aside.
func contactEdits(before, after campaign.Contact) []Edit {
	var change Change
	change.compare("first name", before.FirstName, after.FirstName)
	change.compare("last name", before.LastName, after.LastName)
	change.compare("company", before.Company, after.Company)
	change.compare("email", before.Email, after.Email)
	change.compare("phone", before.Phone, after.Phone)
	names := slices.Collect(maps.Keys(before.Fields))
	for name := range after.Fields {
		if _, had := before.Fields[name]; !had {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		change.compare("field "+name, before.Fields[name], after.Fields[name])
	}
	return change.Edits
}

// contactCauses are what a change of a contact may have fixed.
func contactCauses(before, after campaign.Contact) []failure.Cause {
	causes := []failure.Cause{failure.ContactFields(after.ID)}
	if before.Email != after.Email {
		causes = append(causes, failure.ContactEmail(after.ID))
	}
	return causes
}

func addressIsFree(ctx context.Context, tx pgx.Tx, contact campaign.Contact) error {
	if contact.Email == "" {
		return nil
	}
	other, err := contactWhere(ctx, tx, `email = ANY ($1) AND id <> $2 ORDER BY id LIMIT 1`, campaign.Spellings(contact.Email), contact.ID)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return &AddressTaken{contact.Email, other.ID, other.Name()}
}
