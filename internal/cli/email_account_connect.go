package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newAccountAdd(s *session) *cobra.Command {
	var flags accountFlags
	var wait waitFlag
	command := &cobra.Command{
		Use: "add ADDRESS", Short: "Add an email account, or add a removed one again", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long: `Adds an email account. It logs in to the server first, and only then says that
the account is connected; when the login is refused, the account is kept in error
with the server's words, to be corrected with starter email-account reconnect. A
server that cannot be reached just now, or is busy, is no fault of the account:
nothing is kept then, and the same command can be run again. A server may hold its
greeting back: the command waits for it, for up to five minutes.

With --imap-host its mail is read too (docs/hearing.md); the login at that server is
tried in the same way, and nothing is kept when it does not work.

An account that was removed is added again with the settings that it had; only
what has changed needs to be given. Contacts that were in error because of its
removal go on at once.`,
		Example: `  starter email-account add maya@northwind.example --name "Maya Claes" --host smtp.northwind.example --password-stdin < password.txt
  starter email-account add maya@northwind.example --host smtp.northwind.example --imap-host imap.northwind.example --password-stdin < password.txt
  starter email-account add maya@northwind.example --host 127.0.0.1 --port 1025 --tls none --password-env MAYA_SMTP_PASSWORD`,
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			settings, err := flags.settings(s)
			if err != nil {
				return err
			}
			done, err := s.operations(wait).AddAccount(ctx, args[0], settings)
			var exists *operator.AccountIs
			var invalid *operator.Invalid
			var needed *operator.PasswordNeeded
			switch {
			case errors.As(err, &exists):
				return hint(err, "starter email-account reconnect "+exists.Address)
			case errors.As(err, &needed) && needed.Provider == "":
				return hint(err, "starter email-account add "+needed.Address+" --password-stdin")
			case errors.As(err, &invalid) && invalid.Field == "password":
				return usagef(`%w; give it with --password-stdin or --password-env NAME (or --username "" for a server without login)`, err)
			}
			return s.showConnected(ctx, wait, done, err)
		},
	}
	flags.register(command)
	wait.fix(command)
	return command
}

func newAccountReconnect(s *session) *cobra.Command {
	var flags accountFlags
	var wait waitFlag
	var rate rateFlag
	command := &cobra.Command{
		Use: "reconnect ADDRESS", Short: "Log in again, with other settings if need be", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long: `Logs in to the account's server, and to its mailbox if its mail is read, and only
then says that the account is connected: contacts that were in error because of it go
on at once. Settings that are given as flags are kept when the logins work, and are
not kept when one fails. A server that cannot be reached just now changes nothing
either. A stored password is not sent to another host, port, TLS mode or user: give
it again with those.

The --imap flags say where its mail is read, as imap does in a workspace file; a
mailbox that could not be read is read at once. --no-imap has it not read any more:
follow-ups then leave without a look at what came back.`,
		Example: `  starter email-account reconnect maya@northwind.example
  starter email-account reconnect maya@northwind.example --imap-host imap.northwind.example --password-stdin < password.txt
  starter email-account reconnect maya@northwind.example --password-stdin < password.txt`,
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			settings, err := flags.settings(s)
			if err != nil {
				return err
			}
			done, err := s.paced(wait, rate).ReconnectAccount(ctx, args[0], settings)
			var removed *operator.AccountIs
			if errors.As(err, &removed) {
				return hint(err, "starter email-account add "+removed.Address)
			}
			return s.showConnected(ctx, wait, done, err)
		},
	}
	flags.register(command)
	wait.fix(command)
	rate.flag(command, "let go on")
	return command
}

// showConnected says that an account has logged in, and which contacts go on.
func (s *session) showConnected(ctx context.Context, wait waitFlag, done operator.Connected, err error) error {
	if err != nil {
		return err
	}
	if mailbox := done.Account.IMAP; mailbox != nil {
		s.sayf("%s has logged in at %s and is connected; its mail is read at %s.", done.Account.Address, done.Account.SMTP.Host, mailbox.Host)
	} else {
		s.sayf("%s has logged in at %s and is connected.", done.Account.Address, done.Account.SMTP.Host)
	}
	for _, edit := range done.Edits {
		s.sayf("  %s", editText(edit))
	}
	return s.showChange(ctx, wait, changeOf(&done.Effect, &done.Changed))
}

func newAccountTest(s *session) *cobra.Command {
	var verbose bool
	command := &cobra.Command{
		Use: "test ADDRESS", Short: "Log in, and change nothing", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long:              "Logs in to the account's server with the settings that are kept, says what the\nserver answered, and changes nothing. --verbose shows the dialogue, without the\ncredentials; JSON always has it.",
		Example:           "  starter email-account test maya@northwind.example --verbose",
		RunE: func(command *cobra.Command, args []string) error {
			account, err := s.operator.TestAccount(command.Context(), args[0])
			dialogue := account.Dialogue
			var failed *operator.LoginFailed
			if errors.As(err, &failed) {
				dialogue = failed.Dialogue
			}
			if verbose {
				for _, step := range dialogue {
					s.sayf("%s", stepText(step))
				}
			}
			if err != nil {
				return err
			}
			s.sayf("%s can log in at %s%s. It is %s.", account.Address, serverText(account.SMTP.Host, account.SMTP.Port, account.SMTP.TLS), either(account.Reads, " and at its mailbox", ""), statusText(account.Status))
			if account.Status == campaign.AccountInError {
				s.sayf("starter email-account reconnect %s makes it connected.", account.Address)
			}
			return s.show(account, nil)
		},
	}
	command.Flags().BoolVar(&verbose, "verbose", false, "show what was said")
	return command
}

// stepText is one step of a login's dialogue as a line.
func stepText(step operator.LoginStep) string {
	switch step.Kind {
	case operator.LoginConnected:
		return fmt.Sprintf("connected to %s (%s)", step.Server, step.Address)
	case operator.LoginEncrypted:
		return "encrypted with " + step.TLS
	case operator.LoginGreeted:
		return "the server said: " + step.Words
	case operator.LoginOffered:
		return "it offers to log in with: " + print.OrDash(strings.Join(step.Mechanisms, ", "))
	case operator.LoginAccepted:
		return fmt.Sprintf("AUTH %s accepted: %s", step.Mechanism, step.Words)
	case operator.LoginRejected:
		return fmt.Sprintf("AUTH %s refused: %s", step.Mechanism, step.Words)
	}
	return string(step.Kind) + " " + step.Words
}
