package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// campaign applies a campaign. Pausing is no part of a file and is left alone; the window is
// what the file says: none when it says nothing.
func (a *applying) campaign(ctx context.Context, of CampaignSpec) error {
	before, err := readCampaign(ctx, a.tx, of.Key, "")
	isNew := errors.Is(err, ErrNotFound)
	if err != nil && !isNew {
		return err
	}
	if of.KeepSender {
		of.Sender, of.Senders = before.Sender, before.Senders
	}
	if of.Campaign, err = a.senderAddresses(ctx, of.Campaign); err != nil {
		return err
	}
	notes, err := a.references(ctx, before, of.Campaign)
	if err != nil {
		return err
	}
	if isNew {
		if _, err := a.tx.Exec(ctx, `INSERT INTO campaigns (key, name, owner, sender, steps, send_window, senders) VALUES ($1, $2, $3, nullif($4, ''), $5, $6, coalesce($7::text[], '{}'))`,
			of.Key, of.Name, of.Owner, of.Sender, of.Steps, of.Window, of.Senders); err != nil {
			return err
		}
		a.times.campaigns = append(a.times.campaigns, of.Key)
		a.done("campaign", of.Key, true, nil, notes)
		if err := a.hears(ctx, campaign.Campaign{OnReply: campaign.EndOnReply}, of.Campaign, &Change{}); err != nil {
			return err
		}
		return a.version(ctx, of.Key, 1, []Edit{})
	}
	var change Change
	var causes []failure.Cause
	change.compare("name", before.Name, of.Name)
	if before.Owner != of.Owner {
		change.compare("owner", before.Owner, of.Owner)
		causes = append(causes, failure.OwnerPhone(before.Owner)) // they wait for the phone of the owner that was
	}
	if before.Sender != of.Sender || !slices.Equal(before.Senders, of.Senders) {
		compareSenders(&change, before, of.Campaign)
		kept, err := a.keptSenders(ctx, before, of.Campaign)
		if err != nil {
			return err
		}
		notes = append(notes, kept...)
		a.times.campaigns, a.times.moved = append(a.times.campaigns, of.Key), append(a.times.moved, of.Key)
		causes = append(causes, failure.CampaignSender(of.Key))
	}
	if window := of.Window.String(); before.Window.String() != window {
		change.compare("window", before.Window.String(), window)
		a.times.campaigns = append(a.times.campaigns, of.Key)
		if of.Window.InRecipientZone() && !before.Window.InRecipientZone() {
			a.times.zoned = append(a.times.zoned, of.Key)
		}
		causes = append(causes, failure.CampaignWindow(of.Key))
	}
	reach, running, err := a.steps(ctx, before, &of.Campaign)
	if err != nil {
		return err
	}
	notes = append(notes, running...)
	named := of.Steps
	if of.Steps = withoutNames(of.Steps); !slices.Equal(before.Steps, of.Steps) {
		change.Edits = append(change.Edits, stepEdits(before.Steps, named)...)
		causes = append(causes, failure.CampaignSteps(of.Key))
	}
	if err := a.hears(ctx, before, of.Campaign, &change); err != nil {
		return err
	}
	if len(change.Edits) > 0 {
		if _, err := a.tx.Exec(ctx, `
			UPDATE campaigns SET name = $2, owner = $3, sender = nullif($4, ''), steps = $5, send_window = $6, senders = coalesce($7::text[], '{}'), path = $8, version = $9 WHERE key = $1`,
			of.Key, of.Name, of.Owner, of.Sender, of.Steps, of.Window, of.Senders, of.Known, before.Version+1); err != nil {
			return err
		}
		if err := a.version(ctx, of.Key, before.Version+1, change.Edits); err != nil {
			return err
		}
	}
	a.done("campaign", of.Key, false, change.Edits, notes, causes...)
	a.applied.Items[len(a.applied.Items)-1].Reach = reach
	return nil
}

// senderAddresses are the accounts' addresses as they are stored.
func (a *applying) senderAddresses(ctx context.Context, of campaign.Campaign) (_ campaign.Campaign, err error) {
	if of.Sender, err = a.senderAddress(ctx, of.Sender); err != nil {
		return of, err
	}
	of.Senders = slices.Clone(of.Senders)
	for i := range of.Senders {
		if of.Senders[i], err = a.senderAddress(ctx, of.Senders[i]); err != nil {
			return of, err
		}
	}
	return of, nil
}

// senderAddress is an account's address as it is stored; one that no account has stays.
func (a *applying) senderAddress(ctx context.Context, address string) (string, error) {
	account, err := readAccount(ctx, a.tx, address, "")
	if errors.Is(err, ErrNotFound) {
		return address, nil
	}
	return account.Address, err
}

// references makes sure that owner and sender exist, and notes what keeps the sender from sending.
func (a *applying) references(ctx context.Context, before, of campaign.Campaign) ([]string, error) {
	var exists bool
	if err := a.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users WHERE key = $1)`, of.Owner).Scan(&exists); err != nil {
		return nil, err
	}
	if !exists {
		return nil, fmt.Errorf("campaign %s: its owner: %w", of.Key, noSuch("user", of.Owner))
	}
	if of.Sender == "" {
		return []string{"it has no sender: its contacts will be in error at their first email (`starter campaign set-sender " + of.Key + " ADDRESS`)"}, nil
	}
	var notes []string
	for _, address := range of.AllSenders() {
		account, err := readAccount(ctx, a.tx, address, "")
		switch {
		case err != nil:
			return nil, fmt.Errorf("campaign %s: its sender: %w", of.Key, err)
		case account.Status != campaign.AccountRemoved:
		case !slices.Contains(before.AllSenders(), address):
			return nil, refusedf("campaign %s: its sender %s has been removed; add it to the file's email_accounts, or select another", of.Key, address)
		default:
			notes = append(notes, "its sender "+address+" has been removed")
		}
	}
	return notes, nil
}

func countedContacts(count int, one, more string) string {
	if count == 1 {
		return "1 contact " + one
	}
	return fmt.Sprintf("%d contacts %s", count, more)
}

// stepEdits names what differs between two lists of steps, without the texts.
func stepEdits(before, after []campaign.Step) []Edit {
	var change Change
	for _, step := range after {
		i := slices.IndexFunc(before, func(old campaign.Step) bool { return old.ID == step.ID })
		if i < 0 && step.RenamedFrom != "" {
			i = slices.IndexFunc(before, func(old campaign.Step) bool { return old.ID == step.RenamedFrom })
		}
		if i < 0 {
			change.Edits = append(change.Edits, Edit{Field: "step " + step.ID, Action: Added})
			continue
		}
		old := before[i]
		change.compare("step "+step.ID+" id", old.ID, step.ID)
		change.compare("step "+step.ID+" kind", string(old.Kind), string(step.Kind))
		change.compare("step "+step.ID+" wait", old.Waits().String(), step.Waits().String())
		change.compare("step "+step.ID+" reply_to", old.ReplyTo, step.ReplyTo)
		for _, text := range []struct{ name, old, now string }{
			{"subject", old.Subject, step.Subject}, {"body", old.Body, step.Body}, {"text", old.Text, step.Text},
		} {
			if text.old != text.now {
				change.Edits = append(change.Edits, Edit{Field: "step " + step.ID + " " + text.name})
			}
		}
	}
	for _, old := range before {
		if !slices.ContainsFunc(after, func(step campaign.Step) bool { return old.ID == step.ID || old.ID == step.RenamedFrom }) {
			change.Edits = append(change.Edits, Edit{Field: "step " + old.ID, Action: Removed})
		}
	}
	if len(change.Edits) == 0 {
		change.Edits = append(change.Edits, Edit{Field: "steps", Action: Reordered})
	}
	return change.Edits
}
