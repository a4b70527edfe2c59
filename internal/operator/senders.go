package operator

import (
	"context"
	"errors"
	"maps"
	"slices"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// countSenders counts the contacts that each of several senders has mailed, also those of
// accounts that are none any more.
func (d *CampaignDetails) countSenders(ctx context.Context, db *store.Store) error {
	if len(d.Senders) == 0 {
		return nil
	}
	counts, err := db.MailedBy(ctx, d.Key)
	if err != nil {
		return err
	}
	for i := range d.Senders {
		d.Senders[i].Contacts = counts[d.Senders[i].Address]
		delete(counts, d.Senders[i].Address)
	}
	d.Unmailed = counts[""]
	delete(counts, "")
	for _, address := range slices.Sorted(maps.Keys(counts)) {
		account, err := db.EmailAccountStatus(ctx, address)
		if err != nil {
			return err
		}
		d.Senders = append(d.Senders, CampaignSender{Address: address, Status: account, Contacts: counts[address], Former: true})
	}
	return nil
}

// MovedSender is what MoveSender has done, or would do.
type MovedSender struct {
	Campaign string `json:"campaign"`
	From     string `json:"from"`
	To       string `json:"to"`
	DryRun   bool   `json:"dryRun"`
	// Contacts are those that From has mailed and that have not ended: their next email
	// comes from To, in a new thread. Resuming are those of them that were in error because
	// of From, and go on.
	Contacts int `json:"contacts"`
	Resuming int `json:"resuming"`
	// ToStatus is that of To, ToReason why it is in error, ToWords who says which part of that.
	ToStatus campaign.AccountStatus `json:"toStatus"`
	ToReason string                 `json:"toReason,omitempty"`
	ToWords  *failure.Words         `json:"toWords,omitempty"`
	// Delayed is why they do not go on at once; see Effect.
	Delayed error `json:"-"`
}

// MoveSender gives the contacts that one of several senders of a campaign has mailed to
// another of them. A NotFound when there is no such campaign or account, an ErrRefused when
// the campaign has one sender, or to cannot be the other.
func (o *Operator) MoveSender(ctx context.Context, key, from, to string, how How) (MovedSender, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return MovedSender{}, err
	}
	how = o.paced(how)
	moved, err := db.MoveSender(ctx, key, stored(from), stored(to), o.by, how)
	if errors.Is(err, ErrNotFound) {
		for _, address := range []string{from, to} {
			if _, known := db.EmailAccountStatus(ctx, address); errors.Is(known, ErrNotFound) {
				return MovedSender{}, o.noSuchAccount(ctx, db, stored(address))
			}
		}
	}
	if err != nil {
		return MovedSender{}, err
	}
	out := MovedSender{
		Campaign: key, From: moved.From, To: moved.To, DryRun: how.DryRun, Contacts: moved.Contacts, Resuming: moved.Waking,
		ToStatus: moved.ToStatus, ToReason: moved.ToReason, ToWords: moved.ToWords,
	}
	o.report(moved.Request)
	if moved.Request != 0 {
		out.Delayed = o.drain(ctx)
	}
	return out, nil
}
