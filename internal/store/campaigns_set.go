package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// SenderRemoved refuses to select an account that has been removed.
type SenderRemoved struct{ Address string }

func (e *SenderRemoved) Error() string { return e.Address + " has been removed; add it again first" }

// Unwrap makes it an ErrRefused.
func (*SenderRemoved) Unwrap() error { return ErrRefused }

// SetSender selects the one email account that a campaign sends with; an empty
// address selects none. Of several senders it makes one, for everybody. It wakes the contacts that were parked on the sender.
// ErrNotFound when there is no such campaign or account, a SenderRemoved when the
// account has been removed, ErrRefused when its hours and the campaign's window never meet. The returned
// account is the new sender, for its status; nil when there is none.
func (s *Store) SetSender(ctx context.Context, key, address, by string) (*campaign.EmailAccount, Change, error) {
	var account *campaign.EmailAccount
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		account, change = nil, Change{rate: s.rate}
		before, err := readCampaign(ctx, tx, key, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if err := s.fresh(ctx, tx, failure.CampaignSender(key)); err != nil {
			return err
		}
		if address != "" {
			row, err := readAccount(ctx, tx, address, "FOR SHARE")
			if err != nil {
				return err
			}
			if row.Status == campaign.AccountRemoved {
				return &SenderRemoved{Address: address}
			}
			selected := row.account()
			address = row.Address
			account = &selected
		}
		compareSenders(&change, before, campaign.Campaign{Sender: address})
		if len(change.Edits) == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE campaigns SET sender = nullif($2, ''), senders = '{}' WHERE key = $1`, key, address); err != nil {
			return err
		}
		if address != "" { // one that could never send is no sender
			if _, err := (timesChange{campaigns: []string{key}}).meet(ctx, tx); err != nil {
				return err
			}
		}
		if err := change.announce(ctx, tx, by, failure.CampaignSender(key)); err != nil {
			return err
		}
		if err := (timesChange{campaigns: []string{key}, moved: []string{key}}).take(ctx, tx); err != nil {
			return err
		}
		return change.log(ctx, tx, by, DidChange, ACampaign, key)
	})
	return account, change, err
}

// SetPaused pauses a campaign, or lets it go on. Paused, it begins no step any
// more: each enrollment is Paused when its step comes. Going on wakes those.
// ErrNotFound when there is no such campaign. A dry run says the same and
// takes it back.
func (s *Store) SetPaused(ctx context.Context, key string, paused bool, by string, options BatchOptions) (Change, error) {
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: options.Limit()}
		before, err := readCampaign(ctx, tx, key, "FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		change.compare("paused", yesNo(before.Paused), yesNo(paused))
		if len(change.Edits) == 0 {
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE campaigns SET paused = $2 WHERE key = $1`, key, paused); err != nil {
			return err
		}
		did := DidPause
		if !paused {
			did = DidUnpause
			if err := change.announce(ctx, tx, by, failure.CampaignActive(key)); err != nil {
				return err
			}
			if err := (timesChange{campaigns: []string{key}}).take(ctx, tx); err != nil { // those at rest wait again
				return err
			}
		}
		if err := (Activity{By: by, Kind: did, Thing: ACampaign, Subject: key, Count: change.Resuming}).write(ctx, tx); err != nil {
			return err
		}
		if options.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return change, err
}

// errDryRun rolls a transaction back after it has counted what it would do.
var errDryRun = errors.New("dry run")

func yesNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}
