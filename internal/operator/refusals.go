package operator

import (
	"fmt"
	"slices"
	"strings"

	"relance/internal/campaign"
	"relance/internal/store"
)

// Errors that every front end tells apart with errors.Is.
var (
	// ErrNotFound is wrapped by every "there is no such …".
	ErrNotFound = store.ErrNotFound
	// ErrRefused is wrapped when the state of things does not allow what was asked.
	ErrRefused = store.ErrRefused
)

// NeedsAnswer refuses to resume deliveries of which nobody knows whether they
// were sent; it names the contacts.
type NeedsAnswer = store.NeedsAnswer

// The things that a NotFound can be about.
const (
	CampaignThing  = "campaign"
	AccountThing   = "email account"
	MailboxThing   = "mailbox that is read of"
	UserThing      = "user"
	BounceThing    = "bounced address"
	ContactAddress = "contact with the address"
	CodeThing      = "code"

	SuppressionThing = "suppression of"
)

// NotFound names what does not exist, and what does: a command suggests the
// nearest, a page links to them.
type NotFound struct {
	// Thing is the kind of what was looked for, Key its name.
	Thing, Key string
	// Existing are the names that there are; empty when there are none or far too many.
	Existing []string
}

func (e *NotFound) Error() string { return fmt.Sprintf("there is no %s %s", e.Thing, e.Key) }

// Unwrap makes it an ErrNotFound.
func (*NotFound) Unwrap() error { return ErrNotFound }

// Invalid refuses a value that cannot be one. Nothing has been looked up yet.
type Invalid struct {
	// Field names the value as a form does: email, phone, tls, host, credits …
	Field string
	// Problem continues the field's name: `is "ssl"; expected starttls, …`.
	Problem string
	// Text is the whole sentence where the field need not be named.
	Text string

	err error
}

// invalid is an Invalid in another package's words.
func invalid(field string, err error) error {
	return &Invalid{Field: field, Text: err.Error(), err: err}
}

// Unwrap is the error in whose words it is said, or nil.
func (e *Invalid) Unwrap() error { return e.err }

func (e *Invalid) Error() string {
	if e.Text != "" {
		return e.Text
	}
	return strings.Replace(e.Field, "imap_", "IMAP ", 1) + " " + e.Problem
}

// AccountIs refuses what the state of an email account does not allow.
type AccountIs struct {
	Address string
	Status  campaign.AccountStatus
	// Text is the sentence.
	Text string
}

func (e *AccountIs) Error() string { return e.Text }

// Unwrap makes it an ErrRefused.
func (*AccountIs) Unwrap() error { return ErrRefused }

// PasswordNeeded refuses to send a stored password to a server, or as a user,
// for which it was not given.
type PasswordNeeded struct {
	Address string
	// Changed are the settings that are other than before: host, port, tls, username.
	Changed []string
	// Provider is whose token it is, when it is no password.
	Provider string
}

func (e *PasswordNeeded) Error() string {
	names := e.Changed
	if last := len(names) - 1; last > 0 {
		names = append(slices.Clone(names[:last-1]), names[last-1]+" and "+names[last])
	}
	if e.Provider != "" {
		return fmt.Sprintf("the token of %s is not sent to another %s; connect it again, or give a password", e.Address, strings.Join(names, ", "))
	}
	return fmt.Sprintf("the stored password of %s is not sent to another %s; give the password again", e.Address, strings.Join(names, ", "))
}

// Unwrap makes it an ErrRefused.
func (*PasswordNeeded) Unwrap() error { return ErrRefused }
