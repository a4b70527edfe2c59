package operator

import (
	"context"
	"errors"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// Account is one line of the list of email accounts.
type Account struct {
	Address string                 `json:"address"`
	Name    string                 `json:"name"`
	Status  campaign.AccountStatus `json:"status"`
	// Reason is why it is in error, or resting.
	Reason string `json:"reason"`
	// Words are the parts of the reason for which it is in error: the server's own, and
	// ours; left out where nobody knows whose words it has.
	Words *failure.Words `json:"words,omitempty"`
	// RestingUntil is when it may send again; null when it is not resting.
	RestingUntil *time.Time   `json:"restingUntil"`
	Host         string       `json:"host"`
	Port         int          `json:"port"`
	TLS          campaign.TLS `json:"tls"`
	Username     string       `json:"username"`
	// Provider gives the token with which it logs in; left out for a password.
	Provider  string   `json:"provider,omitempty"`
	Campaigns []string `json:"campaigns"`
	// Pace is what it sends at most; left out when nothing limits it.
	Pace *Pace `json:"pace,omitempty"`
	// InLine is how many contacts wait in its line.
	InLine int `json:"inLine"`
	// Today is what it has used of its day; left out when it has no limit.
	Today *UsedDay `json:"today,omitempty"`
	// Mailbox is how its mail is read; left out when it is not.
	Mailbox *AccountMailbox `json:"mailbox,omitempty"`
	// Version changes with every change of the settings; see AccountSettings.
	Version int64 `json:"-"`
	// The contacts that are in error because of it.
	Freed
}

// Accounts lists the email accounts by address, removed ones too.
func (o *Operator) Accounts(ctx context.Context) ([]Account, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := db.EmailAccounts(ctx)
	if err != nil {
		return nil, err
	}
	lines, filled := make([]Account, len(accounts)), make([]*Account, len(accounts))
	for i, account := range accounts {
		lines[i] = accountOf(account)
		filled[i] = &lines[i]
	}
	if err := fillMailboxes(ctx, db, filled); err != nil {
		return nil, err
	}
	return lines, fillLines(ctx, db, accounts, filled)
}

func accountOf(account store.AccountUse) Account {
	line := Account{
		Address: account.Address, Name: account.Name, Status: account.Status, Reason: account.Reason,
		Host: account.SMTP.Host, Port: account.SMTP.Port, TLS: account.SMTP.TLS, Username: account.SMTP.Username, Provider: account.SMTP.Provider,
		Campaigns: list(account.Campaigns), Pace: paceOf(account.Pace, account.Calendar), Version: account.Epoch, Freed: freed(account.Resuming, 0),
	}
	if account.Status == campaign.AccountInError {
		line.Words = account.Words
	}
	if account.RestReason != "" {
		line.RestingUntil, line.Reason = &account.RestingUntil, account.RestReason
	}
	return line
}

// RemoveAccount has nothing more sent with an email account; its settings and
// its sealed password are kept. A NotFound when there is none.
func (o *Operator) RemoveAccount(ctx context.Context, address string) (Changed, error) {
	return o.RemoveAccountSeen(ctx, address, RemovalSeen{})
}

// RemovalSeen is what a page has shown about an account that is to be removed.
type RemovalSeen = store.RemovalSeen

// RemoveAccountSeen is RemoveAccount for one who has seen what a Removal says. A Stale
// when the account has changed since, or more contacts would be put in error.
func (o *Operator) RemoveAccountSeen(ctx context.Context, address string, seen RemovalSeen) (Changed, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Changed{}, err
	}
	address = stored(address)
	change, err := db.RemoveAccount(ctx, address, o.by, seen)
	if errors.Is(err, ErrNotFound) {
		err = o.noSuchAccount(ctx, db, address)
	}
	if err != nil {
		return Changed{}, err
	}
	return o.changed(ctx, db, change)
}

// noSuchAccount names the accounts that there are.
func (o *Operator) noSuchAccount(ctx context.Context, db *store.Store, address string) error {
	accounts, err := db.AccountUses(ctx)
	if err != nil {
		return err
	}
	missing := &NotFound{Thing: AccountThing, Key: address}
	for _, account := range accounts {
		missing.Existing = append(missing.Existing, account.Address)
	}
	return missing
}
