package operator

import (
	"context"
	"errors"
	"slices"

	"relance/internal/store"
)

// ContactFill is a value that one contact misses. Seen is for the Operator of one who
// has seen something: the Seen of an InError.
type ContactFill = store.ContactFill

// FilledIn is what FillContacts has done.
type FilledIn struct {
	// Kept counts the contacts that have changed.
	Kept int
	// Refused has, for each fill, why it was not kept: an Invalid, a Stale, an
	// AddressTaken, a NotFound; nil for one that was.
	Refused []error
	Effect
}

// fillAtOnce bounds how long the contacts of a transaction are closed to parks.
const fillAtOnce = 200

// FillContacts corrects many contacts, no two fills being of one: each is kept, or has
// its own reason why it is not.
func (o *Operator) FillContacts(ctx context.Context, fills []ContactFill) (FilledIn, error) {
	out := FilledIn{Refused: make([]error, len(fills))}
	db, err := o.database(ctx)
	if err != nil {
		return out, err
	}
	var clean []ContactFill
	var at []int
	for i, fill := range fills {
		if fill.Edit, out.Refused[i] = cleanContact(fill.Edit); out.Refused[i] == nil {
			clean, at = append(clean, fill), append(at, i)
		}
	}
	var change store.Change
	for chunk := range slices.Chunk(clean, fillAtOnce) {
		var done store.Filled
		if done, err = db.FillContacts(ctx, chunk, o.by); err != nil {
			break // what was kept goes on
		}
		for i, refused := range done.Refused {
			out.Refused[at[i]] = refused
		}
		at = at[len(chunk):]
		out.Kept += done.Kept
		change.Resuming, change.Ended = change.Resuming+done.Resuming, change.Ended+done.Ended
	}
	effect, other := o.effect(ctx, db, change)
	out.Effect = effect
	return out, errors.Join(err, other)
}

// PartMembers says of contacts which are in error for the part, and which variables
// each misses: none where the part is about the address.
func (o *Operator) PartMembers(ctx context.Context, part Part, contacts []int64) (map[int64][]string, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	return db.PartMembers(ctx, part, contacts)
}

// AddressTaken refuses an address that another contact has.
type AddressTaken = store.AddressTaken

// MissingVariables lists the variables that the contacts of a part miss.
func (o *Operator) MissingVariables(ctx context.Context, part Part) ([]string, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	return db.MissingVariables(ctx, part)
}
