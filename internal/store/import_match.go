package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// knownContact is a contact of the database that a row may be.
type knownContact struct {
	campaign.Contact
	Folded string
	taken  bool // a row of this import is this contact
}

// known finds contacts in the three ways in which they are recognised.
type known struct {
	byEmail            map[string]*knownContact
	byRecord, byPerson map[string][]*knownContact // lowest id first
}

// knownContacts reads every contact that one of the rows may be.
func knownContacts(ctx context.Context, tx pgx.Tx, rows []ImportRow) (known, error) {
	var emails, records, persons []string
	for _, row := range rows {
		if row.Contact.Email != "" {
			emails = append(emails, campaign.Spellings(row.Contact.Email)...)
		}
		records = appendFull(records, row.Contact.RecordID)
		persons = appendFull(persons, row.Person)
	}
	result, err := tx.Query(ctx, `
		SELECT `+contactColumns+`, folded FROM contacts WHERE id IN (
			SELECT id FROM contacts WHERE email <> '' AND email = ANY ($1)
			UNION SELECT id FROM contacts WHERE record_id <> '' AND record_id = ANY ($2)
			UNION SELECT id FROM contacts WHERE folded <> '' AND folded = ANY ($3)) ORDER BY id`, emails, records, persons)
	if err != nil {
		return known{}, err
	}
	all, err := pgx.CollectRows(result, pgx.RowToAddrOfStructByName[knownContact])
	if err != nil {
		return known{}, err
	}
	k := known{byEmail: map[string]*knownContact{}, byRecord: map[string][]*knownContact{}, byPerson: map[string][]*knownContact{}}
	for _, contact := range all {
		if contact.Email != "" {
			address := campaign.Spellings(contact.Email)[0]
			if _, has := k.byEmail[address]; !has || contact.Email == address {
				k.byEmail[address] = contact
			}
		}
		if contact.RecordID != "" {
			k.byRecord[contact.RecordID] = append(k.byRecord[contact.RecordID], contact)
		}
		if contact.Folded != "" {
			k.byPerson[contact.Folded] = append(k.byPerson[contact.Folded], contact)
		}
	}
	return k, nil
}

func appendFull(to []string, value string) []string {
	if value == "" {
		return to
	}
	return append(to, value)
}

// match says for each row which contact it is, nil for a new one. The surest
// ways go first, over all rows, and no contact is two rows.
func (k known) match(rows []ImportRow) []*knownContact {
	found := make([]*knownContact, len(rows))
	pass := func(find func(ImportRow) *knownContact) {
		for i, row := range rows {
			if found[i] != nil {
				continue
			}
			if contact := find(row); contact != nil {
				contact.taken, found[i] = true, contact
			}
		}
	}
	pass(func(row ImportRow) *knownContact { return free(k.byEmail[row.Contact.Email]) })
	pass(func(row ImportRow) *knownContact {
		return pick(k.byRecord[row.Contact.RecordID], row, func(*knownContact) bool { return true })
	})
	pass(func(row ImportRow) *knownContact {
		if row.Contact.Email != "" && row.Contact.Company == "" && row.Contact.Phone == "" {
			return nil // a name alone does not say that an address is that person's
		}
		return pick(k.byPerson[row.Person], row, func(contact *knownContact) bool {
			return contact.RecordID == "" || row.Contact.RecordID == ""
		})
	})
	return found
}

// pick is the first candidate that no other row is. A row with an address is
// only ever a contact that has none yet and bears no other name: the record ids
// of two sources may be the same number.
func pick(candidates []*knownContact, row ImportRow, fits func(*knownContact) bool) *knownContact {
	for _, contact := range candidates {
		if contact.taken || !fits(contact) {
			continue
		}
		if row.Contact.Email == "" || contact.Email == "" && sameName(contact.Contact, row.Contact) {
			return contact
		}
	}
	return nil
}

func free(contact *knownContact) *knownContact {
	if contact == nil || contact.taken {
		return nil
	}
	return contact
}

// sameName is true when two names are the same, or one is missing, letter case aside.
func sameName(a, b campaign.Contact) bool {
	one, other := strings.TrimSpace(a.FirstName+" "+a.LastName), strings.TrimSpace(b.FirstName+" "+b.LastName)
	return one == "" || other == "" || strings.EqualFold(one, other)
}
