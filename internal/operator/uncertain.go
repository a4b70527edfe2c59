package operator

import (
	"context"
	"errors"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// Doubt is what to search for in the sender's Sent folder.
type Doubt = store.Doubt

// Uncertain is a contact in DeliveryUncertain, with the message in doubt.
type Uncertain struct {
	InError
	// Doubt is nil when the ledger does not have the message (any more).
	Doubt *Doubt
	// Total counts all that are uncertain, Number is this one's among them, from 1.
	Total, Number int
	// Steps are those of the campaign, of which it stands at StepIndex.
	Steps []campaign.Step
	// Next is for the one that follows; nil when this is the last.
	Next *Mark
}

// NextUncertain returns the first contact in DeliveryUncertain after a mark, oldest
// first; nil when there is none.
func (o *Operator) NextUncertain(ctx context.Context, after Mark) (*Uncertain, error) {
	page, err := o.RepairContacts(ctx, failure.DeliveryUncertain, failure.Operator, after, 1)
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	next := &Uncertain{InError: page.Items[0], Total: page.Total, Next: page.Next}
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	before, err := db.CountBefore(ctx, Part{Code: failure.DeliveryUncertain, Cause: string(failure.Operator)}, Mark{At: next.Since, Seq: next.Seq})
	if err != nil {
		return nil, err
	}
	next.Number = before + 1
	of, err := db.Campaign(ctx, next.Campaign)
	if err != nil {
		return nil, err
	}
	next.Steps = of.Steps
	doubt, err := db.Doubt(ctx, next.Campaign, next.ContactID)
	switch {
	case err == nil:
		next.Doubt = &doubt
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	return next, nil
}

// Answer says of one contact in DeliveryUncertain, whose park was seen, whether the
// message was sent; see Resume. A Stale when that has been answered.
func (o *Operator) Answer(ctx context.Context, key string, contactID, seen int64, say Resume) (Requested, error) {
	if say.Assume != campaign.AssumeSent && say.Assume != campaign.AssumeNotSent {
		return Requested{}, &Invalid{Field: "assume", Text: "say whether the message was sent"}
	}
	return o.Seeing(seen).Resume(ctx, Selection{Campaign: key, Contacts: []int64{contactID}, Code: failure.DeliveryUncertain}, say, How{})
}
