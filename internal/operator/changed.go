package operator

import (
	"context"
	"fmt"

	"relance/internal/store"
)

// Edit is one value that a change has changed. The values of passwords and of
// long texts are left empty.
type Edit = store.Edit

// How controls what is done to many contacts: only count them (DryRun), and the
// Rate of the background.
type How = store.BatchOptions

// Changed is what a change of one thing has done.
type Changed struct {
	// Edits is empty when everything was so already.
	Edits []Edit `json:"changes"`
	Effect
}

// Effect is what a change does for the contacts that waited for it.
type Effect struct {
	Freed
	// Outcomes is what became of each, for a front end that has followed them.
	Outcomes []Outcome `json:"outcomes,omitempty"`
	// Delayed is why they do not go on at once; nil when Temporal has been
	// reached, or need not be. They go on within a minute of its return.
	Delayed error `json:"-"`
	// Concerned lists them for Follow, when the Operator is Listing.
	Concerned Concerned `json:"-"`
}

// Freed counts the contacts that a fix resumes, or would resume.
type Freed struct {
	Resuming int `json:"resuming"`
	// Waiting repeats Resuming under its name of the release before, which was
	// mistaken for the contacts on a timer. Drop it in the next release.
	Waiting int `json:"waiting"`
	// Ended counts the contacts that it cannot resume: their workflow was ended from
	// outside.
	Ended int `json:"ended,omitempty"`
}

func freed(resuming, ended int) Freed {
	return Freed{Resuming: resuming, Waiting: resuming, Ended: ended}
}

// changed reports a committed change, and has the contacts that it frees signalled.
func (o *Operator) changed(ctx context.Context, db *store.Store, change store.Change) (Changed, error) {
	effect, err := o.effect(ctx, db, change)
	return Changed{Edits: list(change.Edits), Effect: effect}, err
}

// effect has the contacts signalled that a committed change concerns.
func (o *Operator) effect(ctx context.Context, db *store.Store, change store.Change) (Effect, error) {
	out := Effect{Freed: freed(change.Resuming, change.Ended)}
	o.report(change.Request)
	if o.rate != nil {
		out.Concerned.rate = *o.rate
	}
	if change.Resuming+change.Ended+change.Looking == 0 {
		return out, nil
	}
	var err error
	if o.listing {
		if out.Concerned.before, err = db.Freed(ctx, change); err != nil {
			err = fmt.Errorf("the change is saved, but who goes on by it could not be read: %w", err)
		}
	}
	if change.Resuming+change.Looking > 0 {
		out.Delayed = o.drain(ctx)
	}
	if err != nil && ctx.Err() != nil { // Ctrl-C: nothing has failed
		out.Delayed, err = ctx.Err(), nil
	}
	return out, err
}

// drain has the outbox drained now. What it holds is committed, so an error
// only delays it.
func (o *Operator) drain(ctx context.Context) error {
	temporal, err := o.workflows(ctx)
	if err == nil {
		err = temporal.TriggerWake(ctx)
	}
	return o.reached(err)
}

// list makes a nil slice an empty one: JSON readers expect [].
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
