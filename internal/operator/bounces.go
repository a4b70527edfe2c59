package operator

import (
	"context"
	"errors"

	"relance/internal/store"
)

// Bounce is an address to which nothing is sent any more.
type Bounce = store.Bounce

// Bounces lists the bounced addresses, the latest first.
func (o *Operator) Bounces(ctx context.Context) ([]Bounce, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	bounces, err := db.Bounces(ctx)
	return list(bounces), err
}

// AddBounce has nothing more sent to an address. Without an edit in the result
// it had bounced before.
func (o *Operator) AddBounce(ctx context.Context, text, reason string) (Changed, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return Changed{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Changed{}, err
	}
	added, err := db.AddBounce(ctx, address, reason, o.by)
	out := Changed{Edits: []Edit{}}
	if added {
		out.Edits = append(out.Edits, Edit{Field: "bounce", To: address})
	}
	return out, err
}

// RemoveBounce has an address sent to again. A NotFound when it has not bounced.
func (o *Operator) RemoveBounce(ctx context.Context, text string) (Changed, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return Changed{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Changed{}, err
	}
	change, err := db.RemoveBounce(ctx, address, o.by)
	if errors.Is(err, ErrNotFound) {
		bounces, err := db.Bounces(ctx)
		if err != nil {
			return Changed{}, err
		}
		missing := &NotFound{Thing: BounceThing, Key: address}
		for _, bounce := range bounces {
			missing.Existing = append(missing.Existing, bounce.Address)
		}
		return Changed{}, missing
	}
	if err != nil {
		return Changed{}, err
	}
	return o.changed(ctx, db, change)
}
