package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relance/internal/contactcsv"
	"relance/internal/store"
)

// Once names a request that is carried out once; see store.Once.
type Once = store.Once

// KeyReused refuses another request with the key of an earlier one. It wraps ErrRefused.
type KeyReused = store.KeyReused

// MaxContacts is how many contacts one EnrollContacts may name.
const MaxContacts = 1000

// ContactValues are what a program says of a contact.
type ContactValues = contactcsv.Values

// GivenContact is a contact as a program gives it: with ID the one that there is, as it
// is; else who the importer says that it is.
type GivenContact struct {
	ID int64
	ContactValues
}

// GivenContacts are contacts that a program wants in a campaign.
type GivenContacts struct {
	// Source names the product whose record ids they have.
	Source   string
	Contacts []GivenContact
	// At is when they begin, as EnrollTime reads it; empty is at once.
	At string
	// Once is the request's key, if it has one.
	Once Once
}

// ContactsEnrolled is what EnrollContacts has done.
type ContactsEnrolled struct {
	Campaign string `json:"campaign"`
	store.Enrolled
	// RequestID is what has them started, for Request; 0 when nobody was enrolled.
	RequestID int64 `json:"requestId"`
	// Created, Updated and Unchanged count contacts.
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	// Contacts are those that were given, in their order.
	Contacts []EnrolledContact `json:"contacts"`
	Problems []ContactProblem  `json:"problems"`
	// The contacts that go on because of the new values.
	Freed

	// Repeated is true when this is the answer to an earlier request with the same key.
	Repeated bool `json:"-"`
	// Delayed is why they are not started at once; nil when Temporal has been reached.
	Delayed error `json:"-"`
}

// EnrolledContact is one of the contacts that were given.
type EnrolledContact struct {
	ID int64 `json:"id"`
	// Outcome is created, updated or unchanged.
	Outcome string `json:"outcome"`
	// Enrolled is false when the contact is in the campaign already, or has been.
	Enrolled bool `json:"enrolled"`
}

// ContactProblem is something of a contact that was not taken as it was given.
type ContactProblem struct {
	// Contact is its place, from 0.
	Contact int    `json:"contact"`
	Field   string `json:"field"`
	Value   string `json:"value"`
	Problem string `json:"problem"`
}

// UnclearContacts refuses contacts of which nothing says who they are, or of which that
// is not clear. It wraps ErrRefused.
type UnclearContacts struct{ Problems []ContactProblem }

func (e *UnclearContacts) Error() string {
	return fmt.Sprintf("nobody was enrolled, as it is not clear who %d of the contacts are: %s", len(e.Problems), e.Problems[0].Problem)
}

// Unwrap makes it a refusal.
func (*UnclearContacts) Unwrap() error { return ErrRefused }

// EnrollContacts creates or recognises contacts as an import does, and enrolls them, in
// one transaction: of a call that fails nothing is kept. An address that cannot be one is
// a problem, and the contact is kept without it. An Invalid for what is no list of
// contacts, a NotFound for a campaign or a contact that does not exist, an
// UnclearContacts, a KeyReused.
func (o *Operator) EnrollContacts(ctx context.Context, key string, given GivenContacts) (ContactsEnrolled, error) {
	if err := given.check(); err != nil {
		return ContactsEnrolled{}, err
	}
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return ContactsEnrolled{}, err
	}
	list, err := given.read()
	if err != nil {
		return ContactsEnrolled{}, err
	}
	var at time.Time
	if given.At != "" {
		if at, err = o.parseTime(ctx, given.At); err != nil {
			return ContactsEnrolled{}, err
		}
	}
	saved, repeated, err := db.EnrollContacts(ctx, store.ContactsToEnroll{Campaign: key, IDs: list.ids, Rows: list.file.rows(), By: o.by, Once: given.Once, At: at})
	var unclear *store.NotClear
	if errors.As(err, &unclear) {
		return ContactsEnrolled{}, &UnclearContacts{Problems: list.kept(unclear.Kept)}
	}
	if err != nil {
		return ContactsEnrolled{}, err
	}
	out := list.enrolled(saved)
	out.Campaign, out.Repeated = key, repeated
	out.Delayed = o.start(ctx, key, saved)
	return out, nil
}

// start has the workflows of new enrollments started, and contacts go on.
func (o *Operator) start(ctx context.Context, key string, saved store.ContactsEnrolled) error {
	if saved.Enrolled.Enrolled == 0 && saved.Resuming == 0 {
		return nil
	}
	temporal, err := o.workflows(ctx)
	if err == nil && saved.Enrolled.Enrolled > 0 && saved.At == nil {
		err = temporal.StartEnrolling(ctx, key, saved.Enrolled.Enrolled)
	}
	if err == nil && saved.Resuming > 0 {
		err = temporal.TriggerWake(ctx)
	}
	return err
}

func (g GivenContacts) check() error {
	switch {
	case len(g.Contacts) == 0:
		return &Invalid{Field: "contacts", Problem: "is empty; expected at least one contact"}
	case len(g.Contacts) > MaxContacts:
		return &Invalid{Field: "contacts", Problem: fmt.Sprintf("has %d contacts; expected at most %d in one request", len(g.Contacts), MaxContacts)}
	}
	for i, contact := range g.Contacts {
		field := func(name string) string { return fmt.Sprintf("contacts/%d/%s", i, name) }
		v := contact.ContactValues
		others := v.FirstName + v.LastName + v.FullName + v.Company + v.Email + v.Phone + v.RecordID
		switch {
		case contact.ID < 0:
			return &Invalid{Field: field("id"), Problem: fmt.Sprintf("is %d; expected the id of a contact", contact.ID)}
		case contact.ID > 0 && (others != "" || len(v.Fields) > 0):
			return &Invalid{Field: field("id"), Problem: "stands beside other values; a contact with an id is taken as it is, so give the id alone"}
		case v.RecordID != "" && strings.TrimSpace(g.Source) == "":
			return &Invalid{Field: "source", Problem: "is missing; say which product the record ids come from, for example hubspot"}
		}
		for name := range v.Fields {
			if strings.TrimSpace(name) == "" {
				return &Invalid{Field: field("fields"), Problem: "has a custom field without a name"}
			}
		}
	}
	return nil
}

// contactList is what was given, each person once.
type contactList struct {
	ids  []int64
	file contactFile
	// rowOf is, for each contact that was given, its row; -1 for one with an id.
	rowOf []int
	given []GivenContact
	place []int // of each value of file, in given
}

func (g GivenContacts) read() (contactList, error) {
	l := contactList{given: g.Contacts, rowOf: make([]int, len(g.Contacts))}
	var values []ContactValues
	for i, contact := range g.Contacts {
		l.rowOf[i] = -1
		if contact.ID > 0 {
			l.ids = append(l.ids, contact.ID)
			continue
		}
		values, l.place = append(values, contact.ContactValues), append(l.place, i)
	}
	file := contactcsv.FromValues(values, g.Source)
	if len(file.Rows) < len(values) {
		named := map[int]bool{}
		for _, row := range file.Rows {
			named[row.Line] = true
		}
		refused := l.problems(slices.DeleteFunc(file.Problems, func(p FileProblem) bool { return named[p.Line] || p.Value != "" }))
		return l, &UnclearContacts{Problems: refused}
	}
	unique, duplicates, problems := file.Unique()
	file.Problems = append(file.Problems, problems...)
	l.file = contactFile{file, unique, duplicates}
	for at, row := range unique {
		for _, line := range append([]int{row.Line}, row.Merged...) {
			l.rowOf[l.place[line-1]] = at
		}
	}
	return l, nil
}

// problems are those of the importer, with the places of the contacts.
func (l contactList) problems(of []FileProblem) []ContactProblem {
	all := make([]ContactProblem, len(of))
	for i, p := range of {
		all[i] = ContactProblem{Contact: l.place[p.Line-1], Field: p.Column, Value: p.Value, Problem: p.Problem}
	}
	return all
}

func (l contactList) kept(kept []store.Kept) []ContactProblem {
	all := l.problems(keptProblems(l.file, kept))
	for i := range all {
		all[i].Field = "email"
	}
	return all
}

func (l contactList) enrolled(saved store.ContactsEnrolled) ContactsEnrolled {
	out := ContactsEnrolled{
		Enrolled: saved.Enrolled, RequestID: saved.Request, Freed: freed(saved.Resuming, saved.Ended),
		Problems: append(l.problems(l.file.Problems), l.kept(saved.Kept)...),
	}
	for i, given := range l.given {
		contact := store.ImportedContact{ID: given.ID, Outcome: store.ContactUnchanged}
		if l.rowOf[i] >= 0 {
			contact = saved.Contacts[l.rowOf[i]]
		}
		_, isNew := slices.BinarySearch(saved.New, contact.ID)
		out.Contacts = append(out.Contacts, EnrolledContact{contact.ID, contact.Outcome, isNew})
	}
	seen := map[int64]bool{}
	for _, contact := range out.Contacts {
		switch {
		case seen[contact.ID]:
		case contact.Outcome == store.ContactCreated:
			out.Created++
		case contact.Outcome == store.ContactUpdated:
			out.Updated++
		default:
			out.Unchanged++
		}
		seen[contact.ID] = true
	}
	return out
}
