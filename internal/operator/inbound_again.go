package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"relance/internal/store"
)

// Reclassified is an inbound message that the classifier judges otherwise now, and what follows.
type Reclassified = store.Reclassified

// Reclassification is what came of judging kept messages anew.
type Reclassification struct {
	// DryRun: nothing was changed; the changes are those that would be made.
	DryRun bool `json:"dryRun"`
	// Read counts the messages that were judged anew.
	Read    int            `json:"read"`
	Changes []Reclassified `json:"changes"`
	// Delayed is why workflows are not signalled at once.
	Delayed error `json:"-"`
}

// Reclassify says how kept messages are judged anew.
type Reclassify struct {
	// Since leaves out what has arrived before it.
	Since  time.Time
	DryRun bool
	// Each hears how far it is; nil for nobody.
	Each func(done, total int)
}

// keptPage is how many messages are listed at once.
const keptPage = 200

// Reclassify judges every inbound message whose text is still kept with the classifier of now, and
// does what safely follows from what is judged otherwise. Each message is a transaction of its own: what
// is interrupted goes on where it was when it is run again. Together with an error it returns
// what was done until then.
func (o *Operator) Reclassify(ctx context.Context, how Reclassify) (Reclassification, error) {
	out := Reclassification{DryRun: how.DryRun, Changes: []Reclassified{}}
	db, err := o.database(ctx)
	if err != nil {
		return out, err
	}
	total, err := db.CountKept(ctx, how.Since)
	if err != nil {
		return out, err
	}
	err = o.reclassify(ctx, db, how, total, &out)
	for _, one := range out.Changes {
		if !how.DryRun && one.Signals() {
			out.Delayed = o.drain(context.WithoutCancel(ctx))
			break
		}
	}
	return out, err
}

func (o *Operator) reclassify(ctx context.Context, db *store.Store, how Reclassify, total int, out *Reclassification) error {
	for after := int64(0); ; {
		ids, err := db.Kept(ctx, how.Since, after, keptPage)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			one, err := db.Reclassify(ctx, id, !how.DryRun, o.by)
			if err != nil && !errors.Is(err, ErrNotFound) { // its time was over just now
				return fmt.Errorf("inbound message %d: %w", id, err)
			}
			out.Read++
			if err == nil && one.Differs() {
				out.Changes = append(out.Changes, one)
			}
			if after = id; how.Each != nil {
				how.Each(out.Read, max(total, out.Read))
			}
		}
	}
}

// SinceTime reads a moment from which on something counts: a date of the workspace's zone, a date and
// a time of day, or an instant as RFC 3339 has it. An Invalid for anything else.
func (o *Operator) SinceTime(ctx context.Context, text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		text += " 00:00"
	}
	at, err := o.parseTime(ctx, text)
	if invalid := (*Invalid)(nil); errors.As(err, &invalid) {
		return at, &Invalid{Field: "since", Problem: fmt.Sprintf("is %q; expected a date as 2026-11-24, or a time as 2026-11-24T09:00:00+01:00", text)}
	}
	return at, err
}
