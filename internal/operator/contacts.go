package operator

import (
	"context"
	"errors"
	"strings"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// Contact is one contact.
type Contact struct {
	ID        int64             `json:"id"`
	FirstName string            `json:"firstName"`
	LastName  string            `json:"lastName"`
	Company   string            `json:"company"`
	Email     string            `json:"email"`
	Phone     string            `json:"phone"`
	Fields    map[string]string `json:"fields"`
}

func contactOf(contact campaign.Contact) Contact {
	fields := contact.Fields
	if fields == nil {
		fields = map[string]string{}
	}
	return Contact{contact.ID, contact.FirstName, contact.LastName, contact.Company, contact.Email, contact.Phone, fields}
}

// Name is how people call the contact; see campaign.Contact.
func (c Contact) Name() string {
	return campaign.Contact{FirstName: c.FirstName, LastName: c.LastName, Company: c.Company, Email: c.Email}.Name()
}

// Enrollment is where a contact stands in one campaign.
type Enrollment = store.ContactEnrollment

// ContactDetails is a contact, and its enrollment in each campaign.
type ContactDetails struct {
	Contact
	RecordID    string       `json:"recordId"`
	Enrollments []Enrollment `json:"enrollments"`
}

// Contacts lists the contacts that hold the text search, letter case aside, by
// id: at most limit of them, all when it is 0. total counts all that are found.
func (o *Operator) Contacts(ctx context.Context, search string, limit int) (contacts []Contact, total int, err error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, 0, err
	}
	found, total, err := db.Contacts(ctx, search, limit)
	if err != nil {
		return nil, 0, err
	}
	contacts = make([]Contact, len(found))
	for i, contact := range found {
		contacts[i] = contactOf(contact)
	}
	return contacts, total, nil
}

// ContactsLike lists the contacts whose id or address begins with prefix, by id,
// at most limit of them: the completions of what a person has begun to type.
func (o *Operator) ContactsLike(ctx context.Context, prefix string, limit int) ([]Contact, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	found, err := db.ContactsLike(ctx, prefix, limit)
	contacts := make([]Contact, len(found))
	for i, contact := range found {
		contacts[i] = contactOf(contact)
	}
	return contacts, err
}

// Contact returns one contact; an ErrNotFound when there is none.
func (o *Operator) Contact(ctx context.Context, id int64) (ContactDetails, error) {
	db, err := o.database(ctx)
	if err != nil {
		return ContactDetails{}, err
	}
	contact, err := db.Contact(ctx, id)
	if err != nil {
		return ContactDetails{}, err
	}
	enrollments, err := db.ContactEnrollments(ctx, id)
	return ContactDetails{contactOf(contact), contact.RecordID, list(enrollments)}, err
}

// ContactEdit says what is to be other than it is about a contact; nil leaves a
// part as it is, and an empty text clears it. Fields are the custom fields to set.
type ContactEdit = store.ContactEdit

// ContactChanged is what SetContact has done.
type ContactChanged struct {
	Changed
	Name string `json:"-"`
	// Bounced is set when nothing is sent to the new address, which has bounced before.
	Bounced *Bounce `json:"-"`
}

// SetContact corrects a contact. An Invalid for an address that cannot be one,
// or when nothing is given, an ErrRefused when another contact has the address,
// an ErrNotFound when there is no such contact.
func (o *Operator) SetContact(ctx context.Context, id int64, edit ContactEdit) (ContactChanged, error) {
	clean, err := cleanContact(edit)
	if err != nil {
		return ContactChanged{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return ContactChanged{}, err
	}
	var out ContactChanged
	if clean.Email != nil && *clean.Email != "" {
		bounce, bounced, err := db.BounceOf(ctx, *clean.Email)
		if err != nil {
			return out, err
		}
		if bounced {
			out.Bounced = &bounce
		}
	}
	contact, change, err := db.SetContact(ctx, id, clean, o.by)
	if err != nil {
		return out, err
	}
	out.Name = contact.Name()
	out.Changed, err = o.changed(ctx, db, change)
	return out, err
}

// cleanContact is the edit as the database keeps it. The error joins an Invalid for
// each field that cannot be kept.
func cleanContact(edit ContactEdit) (ContactEdit, error) {
	if edit.Email == nil && edit.Phone == nil && edit.FirstName == nil && edit.LastName == nil && edit.Company == nil && len(edit.Fields) == 0 {
		return edit, &Invalid{Field: "contact", Text: "nothing is given that should change"}
	}
	for _, part := range []**string{&edit.FirstName, &edit.LastName, &edit.Company, &edit.Phone, &edit.Email} {
		if *part != nil {
			text := plaintext.Line(**part, plaintext.Name)
			*part = &text
		}
	}
	var problems []error
	if edit.Email != nil && *edit.Email != "" {
		address, err := parseAddress("email", *edit.Email)
		if err != nil {
			problems = append(problems, err)
		}
		edit.Email = &address
	}
	if edit.Phone != nil && *edit.Phone != "" {
		phone, err := campaign.ParseContactPhone(*edit.Phone)
		if err != nil {
			problems = append(problems, invalid("phone", err))
		}
		edit.Phone = &phone
	}
	fields := make(map[string]string, len(edit.Fields))
	for name, value := range edit.Fields {
		if strings.TrimSpace(name) == "" {
			problems = append(problems, &Invalid{Field: "field", Text: "a custom field has no name"})
		}
		fields[name] = strings.TrimSpace(plaintext.Text(value, 0))
	}
	edit.Fields = fields
	switch len(problems) {
	case 0:
		return edit, nil
	case 1:
		return edit, problems[0]
	}
	return edit, errors.Join(problems...)
}
