package operator

import (
	"context"
	"errors"
	"fmt"

	"relance/internal/campaign"
	"relance/internal/oauth"
	"relance/internal/store"
)

// Connected is an email account that has logged in, and what that has changed.
type Connected struct {
	Changed
	// Account is without its password.
	Account campaign.EmailAccount `json:"-"`
}

// AddAccount adds an email account, or adds a removed one again with the
// settings that it had. It logs in first: a LoginFailed when that does not work.
// When the login is refused, the account is kept in error, to be corrected by
// ReconnectAccount; a server that cannot be reached just now is no fault of the
// account, and nothing is kept.
func (o *Operator) AddAccount(ctx context.Context, text string, settings AccountSettings) (Connected, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return Connected{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Connected{}, err
	}
	done, err := o.logins.turn(ctx, address)
	if err != nil {
		return Connected{}, err
	}
	defer done()
	account, err := db.EmailAccount(ctx, address)
	before, isNew := account.SMTP, errors.Is(err, ErrNotFound)
	switch {
	case isNew:
		tls := campaign.TLSStartTLS
		account = campaign.EmailAccount{Address: address, SMTP: campaign.SMTP{TLS: tls, Port: tls.Port(), Username: address}}
	case account.Address != "" && account.Status != campaign.AccountRemoved:
		return Connected{}, &AccountIs{Address: address, Status: account.Status, Text: address + " has been added before"}
	case err != nil && settings.Password == nil:
		return Connected{}, err
	}
	if account, err = settings.over(account); err != nil {
		return Connected{}, err
	}
	switch smtp := account.SMTP; {
	case smtp.Host == "":
		return Connected{}, &Invalid{Field: "host", Problem: "is missing; expected the name of the SMTP server of " + address}
	case smtp.Username != "" && smtp.Password == "" && smtp.Provider == "":
		return Connected{}, &Invalid{Field: "password", Text: "the password is missing"}
	}
	mailbox, err := settings.trial(ctx, db, account, isNew)
	if err != nil {
		return Connected{}, err
	}
	account.IMAP = mailbox.imap
	_, failed, err := o.tryLogin(ctx, account, before.SameLogin(account.SMTP), o.tokens(db))
	if err == nil && failed == nil {
		failed, err = o.tryMailbox(ctx, account.Address, mailbox, o.tokens(db))
	}
	if err != nil {
		return Connected{}, err
	}
	switch {
	case failed == nil:
		return o.connected(ctx, db, account, nil)
	case !failed.AtFault, failed.Mailbox:
		failed.Then = NotAdded
		return Connected{}, failed
	}
	failed.Then = KeptInError
	if err := db.KeepAccountInError(ctx, account, failed.apart(), o.by); err != nil {
		return Connected{}, err
	}
	return Connected{}, failed
}

// ReconnectAccount logs in to an account's servers, with other settings if any
// are given, and only then says that the account is connected: contacts that
// were in error because of it go on. A LoginFailed when that does not work:
// settings that were given are not kept then. When only its mailbox cannot be read, as
// it was before, the account is connected all the same (ConnectedUnread). A NotFound when there is no such
// account, an AccountIs when it has been removed, a PasswordNeeded when the
// settings are of another login and come without a password.
func (o *Operator) ReconnectAccount(ctx context.Context, address string, settings AccountSettings) (Connected, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Connected{}, err
	}
	address = stored(address)
	done, err := o.logins.turn(ctx, address)
	if err != nil {
		return Connected{}, err
	}
	defer done()
	before, err := db.EmailAccount(ctx, address)
	switch {
	case errors.Is(err, ErrNotFound):
		return Connected{}, o.noSuchAccount(ctx, db, address)
	case before.Status == campaign.AccountRemoved:
		return Connected{}, &AccountIs{Address: address, Status: before.Status, Text: address + " has been removed"}
	case err != nil && settings.Password == nil:
		return Connected{}, err
	}
	if err := o.sawAccount(ctx, db, before, settings.Version); err != nil {
		return Connected{}, err
	}
	account, err := settings.over(before)
	if err != nil {
		return Connected{}, err
	}
	mailbox, err := settings.trial(ctx, db, account, false)
	if err != nil {
		return Connected{}, err
	}
	account.IMAP = mailbox.imap
	_, failed, err := o.tryLogin(ctx, account, before.SMTP.SameLogin(account.SMTP), o.tokens(db))
	if err == nil && failed == nil {
		failed, err = o.tryMailbox(ctx, account.Address, mailbox, o.tokens(db))
	}
	switch {
	case err != nil:
		return Connected{}, err
	case failed == nil:
		return o.connected(ctx, db, account, nil)
	case failed.Mailbox && !mailbox.changed:
		return o.connectedUnread(ctx, db, account, failed)
	case account.SMTP != before.SMTP, mailbox.changed:
		failed.Then = SettingsNotKept
		return Connected{}, failed
	case !failed.AtFault:
		failed.Then, failed.Status = NothingChanged, before.Status
		return Connected{}, failed
	}
	failed.Then = PutInError
	if err := db.AccountFailed(ctx, before.Address, before.Epoch, failed.apart(), o.by); err != nil {
		return Connected{}, err
	}
	return Connected{}, failed
}

// LoggedIn is an account that has logged in, and how it stands.
type LoggedIn struct {
	Address  string                 `json:"address"`
	LoggedIn bool                   `json:"loggedIn"`
	Status   campaign.AccountStatus `json:"status"`
	// Dialogue is what was said, step by step.
	Dialogue []LoginStep `json:"dialogue"`

	// SMTP is the server, and how it was spoken to; without the password.
	SMTP campaign.SMTP `json:"-"`
	// Reads is true when it has logged in to its mailbox too.
	Reads bool `json:"-"`
}

// TestAccount logs in with the settings that are kept, and changes nothing. A
// LoginFailed when that does not work, a NotFound when there is no such account.
func (o *Operator) TestAccount(ctx context.Context, address string) (LoggedIn, error) {
	db, err := o.database(ctx)
	if err != nil {
		return LoggedIn{}, err
	}
	address = stored(address)
	done, err := o.logins.turn(ctx, address)
	if err != nil {
		return LoggedIn{}, err
	}
	defer done()
	account, err := db.EmailAccount(ctx, address)
	if errors.Is(err, ErrNotFound) {
		err = o.noSuchAccount(ctx, db, address)
	}
	if err != nil {
		return LoggedIn{}, err
	}
	mailbox, err := AccountSettings{}.trial(ctx, db, account, false)
	if err != nil {
		return LoggedIn{}, err
	}
	dialogue, failed, err := o.tryLogin(ctx, account, true, o.tokens(db))
	if failed != nil {
		dialogue = failed.Dialogue
	}
	if err == nil && failed == nil {
		failed, err = o.tryMailbox(ctx, account.Address, mailbox, o.tokens(db))
	}
	switch {
	case err != nil:
		return LoggedIn{}, err
	case failed != nil:
		failed.Then, failed.Dialogue = OnlyTested, dialogue
		return LoggedIn{}, failed
	}
	account.SMTP.Password = ""
	return LoggedIn{Address: account.Address, LoggedIn: true, Status: account.Status, Dialogue: dialogue, SMTP: account.SMTP, Reads: mailbox.imap != nil}, nil
}

// connected keeps an account that has logged in, and its mailbox, with their secrets sealed.
func (o *Operator) connected(ctx context.Context, db *store.Store, account campaign.EmailAccount, token *oauth.Token) (Connected, error) {
	if token != nil {
		kept := store.OAuthToken{Access: token.Access, Refresh: token.Refresh, Expires: token.Expires}
		change, err := db.ConnectAccountWithToken(ctx, account, kept, o.by)
		return o.kept(ctx, db, account, change, err)
	}
	change, err := db.ConnectAccountAndMailbox(ctx, account, o.by)
	return o.kept(ctx, db, account, change, err)
}

// connectedUnread keeps an account that can send and whose mailbox, as it was before, cannot be
// read: who waited for the account goes on.
func (o *Operator) connectedUnread(ctx context.Context, db *store.Store, account campaign.EmailAccount, failed *LoginFailed) (Connected, error) {
	change, err := db.ConnectAccount(ctx, account, o.by)
	done, err := o.kept(ctx, db, account, change, err)
	if err != nil {
		return Connected{}, err
	}
	failed.Then = ConnectedUnread
	return done, failed
}

func (o *Operator) kept(ctx context.Context, db *store.Store, account campaign.EmailAccount, change store.Change, err error) (Connected, error) {
	if err != nil {
		return Connected{}, fmt.Errorf("%s has logged in, and could not be kept: %w", account.Address, err)
	}
	account.SMTP.Password, account.Status, account.Reason = "", campaign.AccountConnected, ""
	if account.IMAP != nil {
		mailbox := *account.IMAP
		mailbox.Password = ""
		account.IMAP = &mailbox
	}
	out := Connected{Account: account}
	out.Changed, err = o.changed(ctx, db, change)
	return out, err
}
