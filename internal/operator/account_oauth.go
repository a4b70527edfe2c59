package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/oauth"
	"relance/internal/store"
)

// Consent is how the owner of a mailbox is asked to let Relance use it.
type Consent struct {
	// Provider is google, microsoft or dev.
	Provider string
	// Browser gets the address to open in a browser on this machine.
	Browser func(url string)
	// Device, when set, asks on another device instead: it gets the address to open there and
	// the code to type.
	Device func(url, code string)
}

// consentTime is how long the owner may take.
const consentTime = 15 * time.Minute

// Providers are those that a Consent may name.
func Providers() []string { return oauth.Keys() }

// ConnectAccount connects an email account, new or not, that logs in with a token of a provider
// instead of a password. Its owner is asked first; then it logs in to the provider's servers, or to
// those of the settings, and only then anything is kept. A LoginFailed when that does not work, an
// *oauth.Refused when the owner has not consented, an Invalid for a provider that there is not.
func (o *Operator) ConnectAccount(ctx context.Context, text string, settings AccountSettings, ask Consent) (Connected, error) {
	address, err := parseAddress("address", text)
	if err != nil {
		return Connected{}, err
	}
	provider, err := o.provider(ask)
	if err != nil {
		return Connected{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Connected{}, err
	}
	settings.token = &oauth.Token{} // the servers are those to which the consent is given
	before, account, mailbox, err := settings.connecting(ctx, db, address, provider)
	if err != nil {
		return Connected{}, err
	}
	token, err := consent(ctx, provider, address, ask)
	if err != nil {
		return Connected{}, err
	}
	settings.token = &token
	done, err := o.logins.turn(ctx, address)
	if err != nil {
		return Connected{}, err
	}
	defer done()
	tokens := func(context.Context, string, campaign.Secret) (campaign.Secret, error) { return token.Access, nil }
	_, failed, err := o.tryLogin(ctx, account, before.SameLogin(account.SMTP), tokens)
	if err == nil && failed == nil {
		failed, err = o.tryMailbox(ctx, account.Address, mailbox, tokens)
	}
	if err != nil {
		return Connected{}, err
	}
	if failed != nil {
		failed.Then = SettingsNotKept
		return Connected{}, failed
	}
	account.IMAP = mailbox.imap
	return o.connected(ctx, db, account, settings.token)
}

// provider is the one that is asked for, if it can be asked.
func (o *Operator) provider(ask Consent) (oauth.Provider, error) {
	configured, err := o.settings()
	if err != nil {
		return oauth.Provider{}, err
	}
	provider, ok := oauth.New(ask.Provider, configured.OAuth)
	switch {
	case !ok:
		return provider, &Invalid{Field: "provider", Problem: fmt.Sprintf("is %q; expected google, microsoft or dev", ask.Provider)}
	case ask.Device != nil && !provider.OnDevice:
		return provider, &Invalid{Field: "device", Text: provider.Name + " lets nobody consent to mail on another device; connect the account on a machine with a browser"}
	case provider.Missing() != "":
		return provider, &store.Error{Kind: ErrRefused, Text: fmt.Sprintf("%s is not set, so %s does not know who asks; docs/oauth.md says how to register", provider.Missing(), provider.Name)}
	case configured.SecretKey == nil:
		return provider, store.ErrNoSecretKey
	}
	return provider, nil
}

// connecting is the account as it is to become, and the SMTP settings of before. An account that has
// had another login gets the provider's servers, with what the settings say of them.
func (s AccountSettings) connecting(ctx context.Context, db *store.Store, address string, provider oauth.Provider) (campaign.SMTP, campaign.EmailAccount, mailboxTrial, error) {
	account, err := db.EmailAccount(ctx, address)
	isNew := errors.Is(err, ErrNotFound)
	if err != nil && !isNew && account.Address == "" {
		return campaign.SMTP{}, account, mailboxTrial{}, err
	}
	before := account.SMTP
	if isNew {
		account.Address = address
	}
	if before.Provider != provider.Key {
		account.SMTP = provider.SMTP
		account.SMTP.Username = address
		s.Mailbox = s.Mailbox.orElse(provider.IMAP, address)
	}
	account.SMTP.Password = ""
	if account, err = s.over(account); err != nil {
		return before, account, mailboxTrial{}, err
	}
	mailbox, err := s.trial(ctx, db, account, isNew)
	return before, account, mailbox, err
}

// orElse is the settings with another mailbox's where they say nothing, and no password.
func (s MailboxSettings) orElse(of campaign.IMAP, username string) MailboxSettings {
	if s.Off {
		return s
	}
	tls, none := string(of.TLS), campaign.Secret("")
	if s.Host == nil {
		s.Host = &of.Host
		if s.Port == nil && s.TLS == nil {
			s.Port = &of.Port
		}
	}
	if s.TLS == nil {
		s.TLS = &tls
	}
	if s.Username == nil {
		s.Username = &username
	}
	if s.Password == nil {
		s.Password = &none
	}
	return s
}

func consent(ctx context.Context, provider oauth.Provider, address string, ask Consent) (token oauth.Token, err error) {
	asking, cancel := context.WithTimeout(ctx, consentTime)
	defer cancel()
	if ask.Device != nil {
		token, err = provider.Device(asking, address, ask.Device)
	} else {
		token, err = provider.Browser(asking, address, ask.Browser)
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = &oauth.Refused{Why: "nobody has consented within " + consentTime.String()}
	}
	return token, err
}

// tokens are those that are kept.
func (o *Operator) tokens(db *store.Store) bearer.Tokens {
	configured, err := o.settings()
	if err != nil {
		return nil // it has been said when the database was opened
	}
	return oauth.NewSource(db, configured.OAuth).Token
}
