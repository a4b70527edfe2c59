package operator

import (
	"context"
	"slices"
)

// MailboxesOf are the mailboxes of accounts that are read, in the order of these.
func MailboxesOf(accounts []Account) []CampaignMailbox {
	read := []CampaignMailbox{}
	for _, account := range accounts {
		if account.Mailbox != nil {
			read = append(read, CampaignMailbox{account.Address, *account.Mailbox})
		}
	}
	return read
}

// MailboxShown is how far the mailbox of an account has been read.
type MailboxShown struct {
	CampaignMailbox
	// Read are its folders, by name.
	Read []MailboxFolder `json:"read"`
}

// MailboxOf shows the mailbox of an account. A NotFound when there is none that is read.
func (o *Operator) MailboxOf(ctx context.Context, address string) (MailboxShown, error) {
	accounts, err := o.Accounts(ctx)
	if err != nil {
		return MailboxShown{}, err
	}
	missing := &NotFound{Thing: MailboxThing, Key: address}
	at := slices.IndexFunc(accounts, func(one Account) bool {
		if one.Mailbox != nil {
			missing.Existing = append(missing.Existing, one.Address)
		}
		return one.Mailbox != nil && one.Address == stored(address)
	})
	if at < 0 {
		return MailboxShown{}, missing
	}
	view, err := o.MailboxView(ctx, accounts[at])
	if err != nil {
		return MailboxShown{}, err
	}
	return MailboxShown{CampaignMailbox{accounts[at].Address, view.AccountMailbox}, list(view.Folders)}, nil
}
