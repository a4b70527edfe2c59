package operator

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// AccountMailbox is how the mailbox of an email account is read.
type AccountMailbox struct {
	// Status is reading or in_error; Reason is why, Words who says which part of it, left out
	// where nobody knows, FailingSince since when.
	Status       MailboxStatus  `json:"status"`
	Reason       string         `json:"reason,omitempty"`
	Words        *failure.Words `json:"words,omitempty"`
	FailingSince *time.Time     `json:"failingSince,omitempty"`
	// Since is from when on messages count.
	Since time.Time `json:"since"`
	// LookedAt is when the last look began that has read every watched folder to its end; null
	// when there has been none.
	LookedAt *time.Time `json:"lookedAt"`
	// Waiting counts the follow-ups that wait for a look.
	Waiting int `json:"waiting"`
	// Host, Port, TLS, Username and Folders are where it is read.
	Host     string       `json:"host"`
	Port     int          `json:"port"`
	TLS      campaign.TLS `json:"tls"`
	Username string       `json:"username"`
	Folders  []string     `json:"folders,omitempty"`
}

// MailboxView is how the mailbox of one account is read, in detail.
type MailboxView struct {
	AccountMailbox
	// Folders are those that are read, by name.
	Folders []MailboxFolder
	// First are the first few of those who wait for a look, in the order of the line.
	First []WaitsForLook
}

// MailboxFolder is how far one folder has been read.
type MailboxFolder struct {
	Name string `json:"name"`
	// Role is inbox, junk, sent or all, by which the server or its usual name calls it; empty for others.
	Role string `json:"role,omitempty"`
	// ReadTo is the highest number (UID) of a message up to which it has been read.
	ReadTo uint32 `json:"readTo"`
}

// WaitsForLook is a contact whose follow-up waits for a look at its sender's mailbox.
type WaitsForLook = store.AwaitsLook

// fewAwait is how many of those who wait for a look are named.
const fewAwait = 5

// MailboxView says in detail how the mailbox of an account is read; nil for one that is not.
func (o *Operator) MailboxView(ctx context.Context, of Account) (*MailboxView, error) {
	if of.Mailbox == nil {
		return nil, nil //nolint:nilnil // it is not read
	}
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	view := &MailboxView{AccountMailbox: *of.Mailbox}
	cursors, err := db.Folders(ctx, of.Address)
	if err != nil {
		return nil, err
	}
	for _, cursor := range cursors {
		view.Folders = append(view.Folders, MailboxFolder{Name: cursor.Folder, Role: cursor.Role, ReadTo: max(cursor.NextUID, 1) - 1})
	}
	view.First, err = db.AwaitLooks(ctx, of.Address, fewAwait)
	return view, err
}

// CampaignMailbox is the mailbox of a sender of a campaign.
type CampaignMailbox struct {
	Account string `json:"account"`
	AccountMailbox
}

// mailboxesOf are the mailboxes of senders, in their order; those that are not read are left out.
func mailboxesOf(all map[string]*AccountMailbox, senders []string) []CampaignMailbox {
	of := []CampaignMailbox{}
	for _, address := range senders {
		if mailbox := all[address]; mailbox != nil {
			of = append(of, CampaignMailbox{address, *mailbox})
		}
	}
	return of
}

// mailboxes are those that are read, by the account's address.
func mailboxes(ctx context.Context, db *store.Store) (map[string]*AccountMailbox, error) {
	read, err := db.Mailboxes(ctx)
	all := make(map[string]*AccountMailbox, len(read))
	for _, mailbox := range read {
		all[mailbox.Address] = mailboxView(mailbox)
	}
	return all, err
}

// MailboxStatus says whether a mailbox can be read.
type MailboxStatus string

// The statuses.
const (
	MailboxReading MailboxStatus = "reading"
	MailboxInError MailboxStatus = "in_error"
)

// fillMailboxes adds to accounts how their mailboxes are read.
func fillMailboxes(ctx context.Context, db *store.Store, accounts []*Account) error {
	read, err := mailboxes(ctx, db)
	for _, account := range accounts {
		account.Mailbox = read[account.Address]
	}
	return err
}

func mailboxView(of store.Mailbox) *AccountMailbox {
	view := &AccountMailbox{
		Status: MailboxReading, Since: of.Since.UTC(), LookedAt: known(of.LookBegan), Waiting: of.Waiting,
		Host: of.IMAP.Host, Port: of.IMAP.Port, TLS: of.IMAP.TLS, Username: of.IMAP.Username, Folders: of.IMAP.Folders,
	}
	if of.Reason != "" {
		view.Status, view.Reason, view.Words, view.FailingSince = MailboxInError, of.Reason, of.Words, known(of.FailingSince)
	}
	return view
}
