package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The outcomes of an ImportedContact.
const (
	ContactCreated   = "created"
	ContactUpdated   = "updated"
	ContactUnchanged = "unchanged"
	// ContactSkipped says that the row is not clearly one contact: see Kept.
	ContactSkipped = "skipped"
)

// ImportedContact says which contact a row is, and what has changed of it.
type ImportedContact struct {
	ID      int64
	Outcome string
}

// outcomes says of each row what became of it, when the fresh ones have their ids.
func (p importPlan) outcomes(rows int) []ImportedContact {
	all := make([]ImportedContact, rows)
	for i := range all {
		all[i] = ImportedContact{p.ids[i], ContactUnchanged}
		if p.ids[i] == 0 {
			all[i].Outcome = ContactSkipped
		}
	}
	for at, row := range p.freshRows {
		all[row] = ImportedContact{p.fresh[at].Contact.ID, ContactCreated}
	}
	for _, row := range p.changedRows {
		all[row].Outcome = ContactUpdated
	}
	return all
}

// ContactsToEnroll are contacts that somebody wants in a campaign: those with IDs, and
// those of Rows, which are imported first.
type ContactsToEnroll struct {
	Campaign string
	IDs      []int64
	Rows     []ImportRow
	By       string
	// At is when they begin; zero is at once.
	At time.Time
	// Once is the request's key; without one it is carried out however often it arrives.
	Once Once
}

// ContactsEnrolled is what has become of ContactsToEnroll.
type ContactsEnrolled struct {
	Enrolled
	// Request shadows that of Enrolled, which is not kept.
	Request int64
	// Contacts are the rows, in their order.
	Contacts []ImportedContact
	// New are the contacts of this call that were enrolled by it, by id.
	New  []int64
	Kept []Kept
	// Resuming and Ended are as in Imported.
	Resuming, Ended int
}

// NotClear refuses rows of which it is not clear which contact each is. It wraps ErrRefused.
type NotClear struct{ Kept []Kept }

func (e *NotClear) Error() string {
	return fmt.Sprintf("%d rows are not clearly one contact", len(e.Kept))
}

// Unwrap makes it a refusal.
func (*NotClear) Unwrap() error { return ErrRefused }

// EnrollContacts imports contacts by the rules of Import, with a named source, and
// enrolls them, in one transaction: of a call that fails nothing is kept. repeated
// is true when the result is that of an earlier call with the same key. ErrNotFound
// for a campaign or an id that does not exist, a NotClear for rows that
// an import would skip, a KeyReused for a key of another request.
func (s *Store) EnrollContacts(ctx context.Context, c ContactsToEnroll) (result ContactsEnrolled, repeated bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) (err error) {
		result, repeated, err = once(ctx, tx, c.Once, func() (ContactsEnrolled, error) { return enrollContacts(ctx, tx, c) })
		return err
	})
	return result, repeated, err
}

func enrollContacts(ctx context.Context, tx pgx.Tx, c ContactsToEnroll) (ContactsEnrolled, error) {
	if !c.At.IsZero() && !c.At.After(time.Now()) { // here, so that a repeated request has its first answer
		return ContactsEnrolled{}, refusedf("at is %s, which is over; leave it out to begin at once", c.At.Format(time.RFC3339))
	}
	imported, contacts, changes, err := importRows(ctx, tx, c.Rows, ImportOptions{By: c.By, SourceNamed: true})
	if err != nil {
		return ContactsEnrolled{}, err
	}
	skipped := slices.DeleteFunc(slices.Clone(imported.Kept), func(k Kept) bool { return contacts[k.Row].ID != 0 })
	if len(skipped) > 0 {
		return ContactsEnrolled{}, &NotClear{Kept: skipped}
	}
	ids := append([]int64{}, c.IDs...) // nil would mean every contact
	for _, contact := range contacts {
		ids = append(ids, contact.ID)
	}
	slices.Sort(ids)
	enrolled, err := enroll(ctx, tx, c.Campaign, slices.Compact(ids), c.By, BatchOptions{At: c.At})
	if err != nil {
		return ContactsEnrolled{}, err
	}
	result := ContactsEnrolled{
		Enrolled: enrolled, Request: enrolled.Request, Contacts: contacts, Kept: imported.Kept,
		Resuming: imported.Resuming, Ended: imported.Ended,
	}
	rows, err := tx.Query(ctx, `SELECT contact_id FROM enrollments WHERE campaign = $1 AND request = $2 AND contact_id = ANY ($3) ORDER BY contact_id`, c.Campaign, enrolled.Request, ids)
	if err != nil {
		return ContactsEnrolled{}, err
	}
	if result.New, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		return ContactsEnrolled{}, err
	}
	return result, rezone(ctx, tx, changes)
}
