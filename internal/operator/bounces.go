package operator

import (
	"context"
	"errors"
	"strings"

	"relance/internal/plaintext"
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

// BouncePage is a part of the list of the bounced addresses, the latest first.
type BouncePage struct {
	Items []Bounce
	// Next is where the page that follows begins; nil when this is the last.
	Next *ListMark
}

// BouncesPage lists the bounced addresses with the text in them, all when it is empty: limit of
// them, from after on.
func (o *Operator) BouncesPage(ctx context.Context, text string, after ListMark, limit int) (BouncePage, error) {
	db, err := o.database(ctx)
	if err != nil {
		return BouncePage{}, err
	}
	items, err := db.BouncesPage(ctx, strings.TrimSpace(text), after, limit+1)
	page := BouncePage{Items: list(items)}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = &ListMark{At: items[limit-1].BouncedAt, Text: items[limit-1].Address}
	}
	return page, err
}

// WouldUnbounce is what RemoveBounce would do.
type WouldUnbounce struct {
	Bounce
	// Contacts have the address; Resuming enrollments of theirs are in error for it, and go on.
	Contacts, Resuming int
}

// WouldUnbounce says what RemoveBounce would do, and changes nothing; errors as its.
func (o *Operator) WouldUnbounce(ctx context.Context, text string) (WouldUnbounce, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return WouldUnbounce{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return WouldUnbounce{}, err
	}
	bounce, found, err := db.BounceOf(ctx, address)
	if err == nil && !found {
		err = &NotFound{Thing: BounceThing, Key: address}
	}
	if err != nil {
		return WouldUnbounce{}, err
	}
	would := WouldUnbounce{Bounce: bounce}
	would.Contacts, would.Resuming, err = db.WouldUnbounce(ctx, address)
	return would, err
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
	added, err := db.AddBounce(ctx, address, plaintext.Line(reason, longestNote), o.by)
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
