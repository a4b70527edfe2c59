package operator

import (
	"context"
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// SentDays is how many days back AccountView.Sent goes, today included.
const SentDays = 14

// AccountView is an email account as a page shows it.
type AccountView struct {
	Account
	// Waits are the contacts in error because of it, by code, the largest part first;
	// Account.Resuming is their sum.
	Waits []AccountWait
	// Sent is what it has sent by day (UTC), the oldest first, today last.
	Sent []SentDay
}

// AccountWait is how many contacts are in error of one code because of an account: the
// Repair with its code and cause.
type AccountWait = store.AccountWait

// SentDay is how many emails were sent on one day.
type SentDay struct {
	// Day is its first moment, in UTC.
	Day  time.Time
	Sent int
}

// AccountViews lists the email accounts by address, removed ones last. It costs the same
// however many contacts are in error.
func (o *Operator) AccountViews(ctx context.Context) ([]AccountView, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	uses, err := db.AccountUses(ctx)
	if err != nil {
		return nil, err
	}
	views, err := accountViews(ctx, db, uses, "")
	slices.SortStableFunc(views, func(a, b AccountView) int { return removedLast(a) - removedLast(b) })
	return views, err
}

func removedLast(view AccountView) int {
	if view.Status == campaign.AccountRemoved {
		return 1
	}
	return 0
}

// AccountView is one email account, and what Seeing is for its forms; a NotFound when
// there is none.
func (o *Operator) AccountView(ctx context.Context, address string) (view AccountView, seen int64, err error) {
	db, err := o.database(ctx)
	if err != nil {
		return view, 0, err
	}
	address = stored(address)
	cause := failure.EmailAccount(address)
	fixes, err := db.LastFixes(ctx, []failure.Cause{cause}) // before the rest: what is fixed meanwhile was not seen
	if err != nil {
		return view, 0, err
	}
	uses, err := db.AccountUses(ctx)
	if err != nil {
		return view, 0, err
	}
	at := slices.IndexFunc(uses, func(use store.AccountUse) bool { return use.Address == address })
	if at < 0 {
		return view, 0, o.noSuchAccount(ctx, db, address)
	}
	views, err := accountViews(ctx, db, uses[at:at+1], address)
	if err != nil {
		return view, 0, err
	}
	return views[0], fixes[cause].ID, nil
}

// accountViews adds to accounts who waits and what was sent: of one address, or of all.
func accountViews(ctx context.Context, db *store.Store, uses []store.AccountUse, address string) ([]AccountView, error) {
	waits, err := db.AccountWaits(ctx)
	if err != nil {
		return nil, err
	}
	first := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-SentDays)
	sent, err := db.AccountDays(ctx, address, first)
	if err != nil {
		return nil, err
	}
	views, filled := make([]AccountView, len(uses)), make([]*Account, len(uses))
	for i, use := range uses {
		view := AccountView{Account: accountOf(use), Sent: make([]SentDay, SentDays)}
		for _, wait := range waits {
			if of, ok := wait.Cause.Account(); ok && of == use.Address {
				view.Waits = append(view.Waits, wait)
				view.Freed = freed(view.Resuming+wait.Count, 0)
			}
		}
		for day := range view.Sent {
			view.Sent[day].Day = first.AddDate(0, 0, day)
		}
		for _, day := range sent {
			if at := int(day.Day.Sub(first).Hours() / 24); day.Account == use.Address && at >= 0 && at < SentDays {
				view.Sent[at].Sent += day.Sent
			}
		}
		views[i] = view
		filled[i] = &views[i].Account
	}
	if err := fillMailboxes(ctx, db, filled); err != nil {
		return nil, err
	}
	return views, fillLines(ctx, db, uses, filled)
}

// BrokenAccounts are the email accounts that are in error.
type BrokenAccounts = store.BrokenAccounts

// BrokenAccounts names the few of them for which the most contacts wait.
func (o *Operator) BrokenAccounts(ctx context.Context, few int) (BrokenAccounts, error) {
	db, err := o.database(ctx)
	if err != nil {
		return BrokenAccounts{}, err
	}
	return db.BrokenAccounts(ctx, few)
}

// Removal is what the removal of an email account would do.
type Removal struct {
	Account Account
	// Parks counts the contacts that it still has an email to send to: they are put in
	// error at it.
	Parks int
}

// Removal says what RemoveAccountSeen would do, and changes nothing; a NotFound when
// there is no such account.
func (o *Operator) Removal(ctx context.Context, address string) (Removal, error) {
	view, _, err := o.AccountView(ctx, address)
	if err != nil {
		return Removal{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Removal{}, err
	}
	parks, err := db.WouldPark(ctx, view.Address)
	return Removal{Account: view.Account, Parks: parks}, err
}

// Seen is the removal for RemoveAccountSeen.
func (r Removal) Seen() RemovalSeen { return RemovalSeen{Epoch: r.Account.Version, Parks: r.Parks} }
