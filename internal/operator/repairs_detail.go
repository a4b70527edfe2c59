package operator

import (
	"context"
	"strings"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// few is how many of the contacts a repair shows that are each repaired on their own.
const few = 5

// detail adds to repairs what their forms need.
func (o *Operator) detail(ctx context.Context, repairs []Repair) error {
	db, err := o.database(ctx)
	if err != nil || len(repairs) == 0 {
		return err
	}
	// First what was fixed last, then how things stand: a fix between the two is shown
	// and counts as not seen, never the other way round.
	var causes []failure.Cause
	for _, repair := range repairs {
		causes = append(causes, repair.fixCause())
		for _, part := range repair.Campaigns {
			causes = append(causes, failure.CampaignSender(part.Key))
		}
	}
	fixes, err := db.LastFixes(ctx, causes)
	if err != nil {
		return err
	}
	known, err := o.lookups(ctx, db)
	if err != nil {
		return err
	}
	for i := range repairs {
		repair := &repairs[i]
		repair.Seen = fixes[repair.fixCause()].ID
		for j := range repair.Campaigns {
			repair.Campaigns[j].Seen = fixes[failure.CampaignSender(repair.Campaigns[j].Key)].ID
		}
		known.fill(repair)
		if err := o.members(ctx, repair); err != nil {
			return err
		}
		if repair.Code == failure.NoCreditsLeft {
			plan, err := db.Plan(ctx)
			if err != nil {
				return err
			}
			repair.Plan = &plan
		}
	}
	return nil
}

// fixCause is the cause as a fix names it: a user's has its part.
func (r Repair) fixCause() failure.Cause {
	if key, ok := r.Cause.User(); ok {
		return failure.OwnerPhone(key)
	}
	return r.Cause
}

// members lists the first few contacts, where each is repaired on its own, and what
// is alike among those that go on only when a person says so.
func (o *Operator) members(ctx context.Context, repair *Repair) error {
	switch repair.Code {
	case failure.ContactHasNoEmail, failure.EmailAlreadyBounced, failure.MessageCannotBeRendered:
		page, err := o.RepairContacts(ctx, repair.Code, repair.Cause, Mark{}, few)
		repair.First = page.Items
		return err
	case failure.SendingFailed:
		read, err := o.alike(ctx, repair.Cause)
		if err != nil {
			return err
		}
		repair.Alike, repair.Read = read.groups, len(read.rows)
	case failure.EmailAccountDisconnected, failure.EmailAccountInError, failure.OwnerHasNoSendingAddress, failure.NoCreditsLeft,
		failure.OwnerHasNoPhone, failure.DeliveryUncertain, failure.NoCommonSendingTime, failure.MailboxUnreadable, failure.WorkflowEnded:
	}
	return nil
}

// lookups are the campaigns, accounts and users, by the names that causes have.
type lookups struct {
	campaigns map[string]Campaign
	accounts  map[string]Account
	users     map[string]User
}

func (o *Operator) lookups(ctx context.Context, db *store.Store) (lookups, error) {
	known := lookups{map[string]Campaign{}, map[string]Account{}, map[string]User{}}
	accounts, err := db.AccountUses(ctx)
	if err != nil {
		return known, err
	}
	all, filled := make([]Account, len(accounts)), make([]*Account, len(accounts))
	for i, account := range accounts {
		all[i] = accountOf(account)
		filled[i] = &all[i]
	}
	if err := fillMailboxes(ctx, db, filled); err != nil {
		return known, err
	}
	for _, account := range all {
		known.accounts[account.Address] = account
	}
	campaigns, err := db.Campaigns(ctx)
	if err != nil {
		return known, err
	}
	for _, of := range campaigns {
		known.campaigns[of.Key] = Campaign{Key: of.Key, Name: of.Name, Owner: of.Owner, Sender: of.Sender}
	}
	users, err := db.Users(ctx)
	for _, user := range users {
		known.users[user.Key] = user
	}
	return known, err
}

func (l lookups) fill(repair *Repair) {
	for i := range repair.Campaigns {
		part := &repair.Campaigns[i]
		part.Name, part.Sender = l.campaigns[part.Key].Name, l.campaigns[part.Key].Sender
	}
	if address, ok := repair.Cause.Account(); ok {
		if account, ok := l.accounts[address]; ok {
			repair.Account = &account
		}
	}
	if key, ok := repair.Cause.User(); ok && strings.HasPrefix(string(repair.Cause), "user:") {
		if user, ok := l.users[key]; ok {
			repair.Owner = &user
		}
	}
}

// Senders lists the email accounts that a campaign can select, by address: those that
// are not removed. It counts nothing.
func (o *Operator) Senders(ctx context.Context) ([]Account, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	uses, err := db.AccountUses(ctx)
	senders := []Account{}
	for _, use := range uses {
		if use.Status != campaign.AccountRemoved {
			senders = append(senders, accountOf(use))
		}
	}
	return senders, err
}
