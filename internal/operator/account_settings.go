package operator

import (
	"fmt"
	"strings"

	"relance/internal/campaign"
	"relance/internal/oauth"
	"relance/internal/plaintext"
)

// AccountSettings are the settings of an email account that are to be other
// than they are; nil leaves one as it is.
type AccountSettings struct {
	Name, Host, Username *string
	// TLS is starttls, implicit or none, in any letter case.
	TLS *string
	// Port follows TLS when it was the usual one and is not given.
	Port *int
	// Password belongs to one login: it has to come with a change of host, port,
	// TLS or username.
	Password *campaign.Secret
	// Mailbox is where its mail is read.
	Mailbox MailboxSettings
	// Version is the Account.Version that was seen; 0 does not look. ReconnectAccount
	// is a Stale when it is another by now.
	Version int64

	// token is that of a new consent: it is for the servers that these settings name.
	token *oauth.Token
}

// over lays the settings over an account. An Invalid for a value that cannot be
// one, a PasswordNeeded when the account's password was given for another login.
func (s AccountSettings) over(before campaign.EmailAccount) (campaign.EmailAccount, error) {
	account := before
	if s.TLS != nil {
		mode, ok := campaign.ParseTLS(*s.TLS)
		if !ok {
			return account, &Invalid{Field: "tls", Problem: fmt.Sprintf("is %q; expected starttls, implicit or none", *s.TLS)}
		}
		if account.SMTP.Port == account.SMTP.TLS.Port() {
			account.SMTP.Port = mode.Port()
		}
		account.SMTP.TLS = mode
	}
	if s.Port != nil {
		if !campaign.IsPort(*s.Port) {
			return account, &Invalid{Field: "port", Problem: fmt.Sprintf("is %d; expected 1 to 65535", *s.Port)}
		}
		account.SMTP.Port = *s.Port
	}
	if s.Host != nil {
		if account.SMTP.Host = strings.TrimSpace(*s.Host); !campaign.IsHost(account.SMTP.Host) {
			return account, &Invalid{Field: "host", Problem: fmt.Sprintf("is %q; expected the name of the server, for example smtp.example.com", *s.Host)}
		}
	}
	if s.Name != nil {
		account.Name = plaintext.Line(*s.Name, plaintext.Name)
	}
	if s.Username != nil {
		account.SMTP.Username = strings.TrimSpace(*s.Username)
	}
	if s.Password != nil {
		account.SMTP.Password, account.SMTP.Provider = *s.Password, ""
		return account, nil
	}
	if s.token != nil {
		return account, nil
	}
	return keepPassword(before, account)
}

// keepPassword keeps the stored password, or the provider of tokens, for the login that it was given for.
// Elsewhere it would be shown to a server, or sent over a connection, that
// nobody has trusted with it. A server without login needs none.
func keepPassword(before, after campaign.EmailAccount) (campaign.EmailAccount, error) {
	if before.SMTP.Password == "" && before.SMTP.Provider == "" || before.SMTP.SameLogin(after.SMTP) {
		return after, nil
	}
	if after.SMTP.Username == "" {
		after.SMTP.Password, after.SMTP.Provider = "", ""
		return after, nil
	}
	needed := &PasswordNeeded{Address: before.Address, Provider: before.SMTP.Provider}
	for _, part := range []struct {
		name  string
		other bool
	}{
		{"host", !strings.EqualFold(before.SMTP.Host, after.SMTP.Host)}, {"port", before.SMTP.Port != after.SMTP.Port},
		{"TLS mode", before.SMTP.TLS != after.SMTP.TLS}, {"user name", before.SMTP.Username != after.SMTP.Username},
	} {
		if part.other {
			needed.Changed = append(needed.Changed, part.name)
		}
	}
	return before, needed
}
