package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// mailboxFlags say where an account's mail is read, in the words of the `imap` of a workspace file.
type mailboxFlags struct {
	host, tls, username, passwordEnv string
	port                             int
	folders                          []string
	off                              bool
	changed                          func(name string) bool
}

func (f *mailboxFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.host, "imap-host", "", "the IMAP `server` on which its mail is read")
	flags.IntVar(&f.port, "imap-port", 0, "its `port` (993 with implicit, else 143)")
	flags.StringVar(&f.tls, "imap-tls", "", "how the connection is protected: implicit, starttls or none (`mode`; implicit for a new mailbox)")
	flags.StringVar(&f.username, "imap-username", "", "the `user` to log in as (that of SMTP for a new mailbox)")
	flags.StringVar(&f.passwordEnv, "imap-password-env", "", "read the mailbox's own password, if it has one, from the environment variable `NAME`")
	flags.StringSliceVar(&f.folders, "imap-folders", nil, "`folders` to read beside INBOX, Junk and Sent, with commas between them (\"\" for none)")
	flags.BoolVar(&f.off, "no-imap", false, "do not read its mail any more")
	_ = command.RegisterFlagCompletionFunc("imap-tls", cobra.FixedCompletions(campaign.TLSModes(), cobra.ShellCompDirectiveNoFileComp))
	f.changed = func(name string) bool { return flags.Changed(name) }
}

// settings are those that were given as flags.
func (f *mailboxFlags) settings(s *session) (operator.MailboxSettings, error) {
	settings := operator.MailboxSettings{Off: f.off}
	for name, part := range map[string]struct {
		to   **string
		from *string
	}{"imap-host": {&settings.Host, &f.host}, "imap-tls": {&settings.TLS, &f.tls}, "imap-username": {&settings.Username, &f.username}} {
		if f.changed(name) {
			*part.to = part.from
		}
	}
	if f.changed("imap-port") {
		settings.Port = &f.port
	}
	if f.changed("imap-folders") {
		settings.Folders = &f.folders
	}
	var err error
	if f.changed("imap-password-env") {
		var password campaign.Secret
		password, err = passwordIn(s, f.passwordEnv)
		settings.Password = &password
	}
	others := []string{"imap-host", "imap-port", "imap-tls", "imap-username", "imap-password-env", "imap-folders"}
	if at := slices.IndexFunc(others, f.changed); f.off && at >= 0 {
		return settings, usagef("give --no-imap or --%s, not both", others[at])
	}
	return settings, err
}
