package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// knownContact is a contact of the database that a row may be.
type knownContact struct {
	campaign.Contact
	Folded string
	// SetHere is true when a person has set the address.
	SetHere bool
	Former  []string
	sources []knownSource
	mailbox string // the address as campaign.ParseAddress spells it
	taken   bool   // a row of this import is this contact
}

// knownSource is a record by which a contact is known.
type knownSource struct {
	ContactID               int64
	Source, RecordID, Email string
}

// known finds contacts in the ways in which they are recognised.
type known struct {
	all                            []*knownContact // lowest id first, as everywhere here
	byID                           map[int64]*knownContact
	byEmail                        map[string]*knownContact
	byRecord, byPerson, byFormerly map[string][]*knownContact
}

// knownContacts reads every contact that one of the rows may be.
func knownContacts(ctx context.Context, tx pgx.Tx, rows []ImportRow) (known, error) {
	var emails, records, persons []string
	var ids []int64
	for _, row := range rows {
		if row.Contact.ID != 0 {
			ids = append(ids, row.Contact.ID)
		}
		if row.Contact.Email != "" {
			emails = append(emails, campaign.Spellings(row.Contact.Email)...)
		}
		persons = appendFull(persons, row.Person)
		for _, record := range row.records() {
			records = appendFull(records, record)
		}
	}
	result, err := tx.Query(ctx, `
		SELECT `+contactColumns+`, folded, `+emailSetHere+` AS set_here, former_emails AS former FROM contacts WHERE id IN (
			SELECT id FROM contacts WHERE email <> '' AND email = ANY ($1)
			UNION SELECT id FROM contacts WHERE former_emails && $1
			UNION SELECT id FROM contacts WHERE record_id <> '' AND record_id = ANY ($2)
			UNION SELECT contact_id FROM contact_sources WHERE record_id = ANY ($2)
			UNION SELECT id FROM contacts WHERE folded <> '' AND folded = ANY ($3)
			UNION SELECT id FROM contacts WHERE id = ANY ($4)) ORDER BY id`, emails, records, persons, ids)
	if err != nil {
		return known{}, err
	}
	all, err := pgx.CollectRows(result, pgx.RowToAddrOfStructByName[knownContact])
	if err != nil {
		return known{}, err
	}
	result, err = tx.Query(ctx, `SELECT contact_id, source, record_id, email FROM contact_sources WHERE record_id = ANY ($1) ORDER BY source, record_id, contact_id`, records)
	if err != nil {
		return known{}, err
	}
	sources, err := pgx.CollectRows(result, pgx.RowToStructByName[knownSource])
	if err != nil {
		return known{}, err
	}
	return newKnown(all, sources), nil
}

func newKnown(all []*knownContact, sources []knownSource) known {
	k := known{all: all, byID: make(map[int64]*knownContact, len(all)), byEmail: map[string]*knownContact{}, byRecord: map[string][]*knownContact{}, byPerson: map[string][]*knownContact{}, byFormerly: map[string][]*knownContact{}}
	for _, contact := range all {
		k.byID[contact.ID] = contact
	}
	for _, source := range sources {
		contact := k.byID[source.ContactID]
		contact.sources = append(contact.sources, source)
	}
	for _, contact := range all {
		if contact.Email != "" {
			contact.mailbox = campaign.Spellings(contact.Email)[0]
			if _, has := k.byEmail[contact.mailbox]; !has || contact.Email == contact.mailbox {
				k.byEmail[contact.mailbox] = contact
			}
		}
		for i, email := range contact.Former {
			email = campaign.Spellings(email)[0]
			contact.Former[i] = email
			k.byFormerly[email] = append(k.byFormerly[email], contact)
		}
		if contact.Folded != "" {
			k.byPerson[contact.Folded] = append(k.byPerson[contact.Folded], contact)
		}
		if contact.RecordID != "" && !contact.knows(contact.RecordID) {
			// From before sources were written down.
			contact.sources = append(contact.sources, knownSource{ContactID: contact.ID, RecordID: contact.RecordID})
		}
		records := map[string]bool{}
		for _, source := range contact.sources {
			if !records[source.RecordID] {
				records[source.RecordID] = true
				k.byRecord[source.RecordID] = append(k.byRecord[source.RecordID], contact)
			}
		}
	}
	return k
}

// records are all record ids of a row.
func (r ImportRow) records() []string {
	if r.Contact.RecordID == "" {
		return nil
	}
	return append([]string{r.Contact.RecordID}, r.Also...)
}

// knows is true when the contact has the record id, of whichever source.
func (c *knownContact) knows(record string) bool {
	return slices.ContainsFunc(c.sources, func(s knownSource) bool { return s.RecordID == record })
}

// named is true when the contact has one of the row's record ids of the same named source.
func (c *knownContact) named(row ImportRow) bool {
	return row.Source != "" && slices.ContainsFunc(c.sources, func(s knownSource) bool {
		return s.Source == row.Source && slices.Contains(row.records(), s.RecordID)
	})
}

// unnamed is true when the contact has one of the row's record ids, and the
// source of one of the two has no name.
func (c *knownContact) unnamed(row ImportRow) bool {
	return slices.ContainsFunc(c.sources, func(s knownSource) bool {
		return (s.Source == "" || row.Source == "") && slices.Contains(row.records(), s.RecordID)
	})
}

func appendFull(to []string, value string) []string {
	if value == "" {
		return to
	}
	return append(to, value)
}

// match says for each row which contact it is, nil for a new one. The surest
// ways go first, over all rows, and no contact is two rows. strangers are, for
// rows that are no contact, the contact whose record id they have by chance.
func (k known) match(rows []ImportRow, sourceNamed bool) (found, strangers []*knownContact) {
	found, strangers = make([]*knownContact, len(rows)), make([]*knownContact, len(rows))
	pass := func(find func(int, ImportRow) *knownContact) {
		for i, row := range rows {
			if found[i] != nil {
				continue
			}
			if contact := find(i, row); contact != nil {
				contact.taken, found[i], strangers[i] = true, contact, nil
			}
		}
	}
	pass(func(i int, row ImportRow) *knownContact {
		contact := k.first(row, (*knownContact).named)
		if contact != nil && !sourceNamed && !alike(contact.Contact, row.Contact) {
			strangers[i] = contact
			return nil
		}
		return contact
	})
	pass(func(_ int, row ImportRow) *knownContact { return free(k.byEmail[row.Contact.Email]) })
	pass(func(_ int, row ImportRow) *knownContact {
		return k.first(row, func(contact *knownContact, row ImportRow) bool {
			switch {
			case !contact.unnamed(row):
				return false
			case row.Contact.Email == "":
				return true
			case contact.Email == "":
				return sameName(contact.Contact, row.Contact)
			}
			return sameName(contact.Contact, row.Contact) && hasName(contact.Contact) && hasName(row.Contact)
		})
	})
	pass(func(_ int, row ImportRow) *knownContact {
		for _, contact := range k.byFormerly[row.Contact.Email] {
			if !contact.taken && sameName(contact.Contact, row.Contact) {
				return contact
			}
		}
		return nil
	})
	pass(func(_ int, row ImportRow) *knownContact {
		if row.Contact.Email != "" && row.Contact.Company == "" && row.Contact.Phone == "" {
			return nil // a name alone does not say that an address is that person's
		}
		for _, contact := range k.byPerson[row.Person] {
			fits := contact.RecordID == "" || row.Contact.RecordID == ""
			if !contact.taken && fits && (row.Contact.Email == "" || contact.Email == "" && sameName(contact.Contact, row.Contact)) {
				return contact
			}
		}
		return nil
	})
	return found, strangers
}

// first is the first contact with one of the row's record ids that fits and that
// no other row is.
func (k known) first(row ImportRow, fits func(*knownContact, ImportRow) bool) *knownContact {
	for _, record := range row.records() {
		for _, contact := range k.byRecord[record] {
			if !contact.taken && fits(contact, row) {
				return contact
			}
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

// sameName is true when two names are the same, letter case aside, or one is
// missing, or they have one first name and only one of them a last name.
func sameName(a, b campaign.Contact) bool {
	one, other := strings.TrimSpace(a.FirstName+" "+a.LastName), strings.TrimSpace(b.FirstName+" "+b.LastName)
	short := (a.LastName == "" || b.LastName == "") && strings.EqualFold(a.FirstName, b.FirstName)
	return one == "" || other == "" || short || strings.EqualFold(one, other)
}

// hasName is true when a contact has a name.
func hasName(c campaign.Contact) bool { return strings.TrimSpace(c.FirstName+c.LastName) != "" }

// alike is true when two states of one record have anything in common: the
// address, the first or the last name, the company, or nothing to compare.
func alike(a, b campaign.Contact) bool {
	same := func(one, other string) bool { return one != "" && strings.EqualFold(one, other) }
	return sameName(a, b) || same(a.Email, b.Email) || same(a.FirstName, b.FirstName) || same(a.LastName, b.LastName) || same(a.Company, b.Company)
}
