package operator

import (
	"cmp"
	"context"
	"errors"
	"reflect"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/mail/dial"
	"relance/internal/mail/imap"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// mailboxTrial is the login at an account's mailbox that has to work before anything is kept.
type mailboxTrial struct {
	// imap is where the mail is to be read; nil when it is not.
	imap *campaign.IMAP
	// password is what it logs in with, its own or that of SMTP.
	password campaign.Secret
	// changed is true when it is other than before, known when the same login was had before.
	changed, known bool
	// byToken is true when it logs in with the account's token.
	byToken bool
}

// trial lays the mailbox's settings over those that are kept. Nothing has been sent yet.
func (s AccountSettings) trial(ctx context.Context, db *store.Store, account campaign.EmailAccount, isNew bool) (mailboxTrial, error) {
	var before *campaign.IMAP
	var err error
	if !isNew {
		if before, err = db.MailboxSettings(ctx, account.Address); err != nil {
			return mailboxTrial{}, err
		}
	}
	after, err := s.Mailbox.over(before, account)
	if err != nil || after == nil {
		return mailboxTrial{changed: before != nil}, err
	}
	t := mailboxTrial{imap: after, changed: !reflect.DeepEqual(before, after), known: before != nil && before.SameLogin(*after), byToken: account.SMTP.Provider != "" && after.Password == ""}
	t.password, err = mailboxPassword(before, after, account.SMTP, s)
	if needed := (*PasswordNeeded)(nil); errors.As(err, &needed) {
		needed.Address = account.Address
	}
	return t, err
}

// tryMailbox logs in at the IMAP server; no LoginFailed when that works, or when there is nothing
// to read. A ForbiddenServer when the server is at an address that is not dialled.
func (o *Operator) tryMailbox(ctx context.Context, address string, t mailboxTrial, tokens bearer.Tokens) (*LoginFailed, error) {
	if t.imap == nil {
		return nil, nil
	}
	configured, err := o.settings()
	if err != nil {
		return nil, err
	}
	if t.imap.Password != "" && configured.SecretKey == nil {
		return nil, store.ErrNoSecretKey
	}
	settings := imap.Settings{Host: t.imap.Host, Port: t.imap.Port, TLS: t.imap.TLS, Username: t.imap.Username, Password: t.password}
	if t.byToken {
		settings.Token = func(ctx context.Context, rejected campaign.Secret) (campaign.Secret, error) {
			return tokens(ctx, address, rejected)
		}
	}
	client, err := imap.Dial(ctx, settings, imap.WithCaution(dial.Caution{Typed: true, Trusted: configured.MailNetworks, Plain: t.known}))
	var fault *imap.Error
	var forbidden *dial.Forbidden
	switch {
	case ctx.Err() != nil: // also of a login that worked: nobody waits for it any more
		return nil, ctx.Err()
	case err == nil:
		client.Close()
		return nil, nil
	case errors.As(err, &forbidden):
		refusal := forbiddenServer(forbidden)
		refusal.Field = "imap_" + refusal.Field
		return nil, refusal
	case errors.As(err, &fault):
		return &LoginFailed{Address: address, Mailbox: true, AtFault: !fault.Retry(), Words: plaintext.Line(cmp.Or(fault.Words, fault.Error()), longestDial), err: err}, nil
	}
	return &LoginFailed{Address: address, Mailbox: true, Words: plaintext.Line(err.Error(), longestDial), err: err}, nil
}
