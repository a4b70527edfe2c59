package operator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"relance/internal/campaign"
)

// MailboxSettings say where an account's mail is read, as the `imap` of a workspace file does;
// what is nil stays as it is. Its Invalids name their fields with an imap_ before.
type MailboxSettings struct {
	// Off has it not read any more.
	Off            bool
	Host, Username *string
	// TLS is starttls, implicit or none, in any letter case; implicit for a new mailbox.
	TLS *string
	// Port follows TLS when it was the usual one and is not given.
	Port *int
	// Password is one of the mailbox's own; without one it is that of SMTP.
	Password *campaign.Secret
	// Folders are read beside INBOX, Junk and Sent.
	Folders *[]string
}

// given is true when anything is to be other than it is.
func (s MailboxSettings) given() bool {
	return s.Off || s.Host != nil || s.Username != nil || s.TLS != nil || s.Port != nil || s.Password != nil || s.Folders != nil
}

// over lays the settings over an account's mailbox; nil is for one that is not read.
func (s MailboxSettings) over(before *campaign.IMAP, account campaign.EmailAccount) (*campaign.IMAP, error) {
	switch {
	case s.Off, before == nil && !s.given():
		return nil, nil //nolint:nilnil // an account that is not read
	case before == nil && (s.Host == nil || strings.TrimSpace(*s.Host) == ""):
		return nil, &Invalid{Field: "imap_host", Problem: "is missing; expected the name of the IMAP server of " + account.Address}
	}
	after := campaign.IMAP{TLS: campaign.TLSImplicit, Port: campaign.TLSImplicit.IMAPPort(), Username: cmp.Or(account.SMTP.Username, account.Address)}
	if before != nil {
		after = *before
	}
	if s.TLS != nil {
		mode, ok := campaign.ParseTLS(*s.TLS)
		if !ok {
			return nil, &Invalid{Field: "imap_tls", Problem: fmt.Sprintf("is %q; expected starttls, implicit or none", *s.TLS)}
		}
		if after.Port == after.TLS.IMAPPort() {
			after.Port = mode.IMAPPort()
		}
		after.TLS = mode
	}
	if s.Port != nil {
		if !campaign.IsPort(*s.Port) {
			return nil, &Invalid{Field: "imap_port", Problem: fmt.Sprintf("is %d; expected 1 to 65535", *s.Port)}
		}
		after.Port = *s.Port
	}
	if s.Host != nil {
		if after.Host = strings.TrimSpace(*s.Host); !campaign.IsHost(after.Host) {
			return nil, &Invalid{Field: "imap_host", Problem: fmt.Sprintf("is %q; expected the name of the server, for example imap.example.com", *s.Host)}
		}
	}
	if s.Username != nil {
		after.Username = cmp.Or(strings.TrimSpace(*s.Username), account.SMTP.Username, account.Address)
	}
	if s.Folders != nil {
		after.Folders = slices.Clone(*s.Folders)
	}
	if s.Password != nil {
		after.Password = *s.Password
	}
	return &after, nil
}

// mailboxPassword is the password with which the mailbox logs in: its own, or that of SMTP. A
// PasswordNeeded when that is a stored one, and was given for another login.
func mailboxPassword(before, after *campaign.IMAP, smtp campaign.SMTP, settings AccountSettings) (campaign.Secret, error) {
	if (settings.Password != nil || settings.token != nil) && after.Password == "" || settings.Mailbox.Password != nil || before != nil && before.SameLogin(*after) {
		return cmp.Or(after.Password, smtp.Password), nil
	}
	if after.Password == "" && smtp.Password == "" && smtp.Provider == "" {
		return "", &Invalid{Field: "imap_password", Text: "the password of the mailbox is missing: it has none of its own, and the account has none"}
	}
	needed := &PasswordNeeded{Changed: []string{"IMAP server"}}
	if after.Password == "" {
		needed.Provider = smtp.Provider
	}
	if before == nil {
		return "", needed
	}
	needed.Changed = nil
	for _, part := range []struct {
		name  string
		other bool
	}{
		{"IMAP host", !strings.EqualFold(before.Host, after.Host)}, {"IMAP port", before.Port != after.Port},
		{"IMAP TLS mode", before.TLS != after.TLS}, {"IMAP user name", before.Username != after.Username},
	} {
		if part.other {
			needed.Changed = append(needed.Changed, part.name)
		}
	}
	return "", needed
}
