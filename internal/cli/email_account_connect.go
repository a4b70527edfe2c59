package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newAccountAdd(s *session) *cobra.Command {
	var flags accountFlags
	command := &cobra.Command{
		Use: "add ADDRESS", Short: "Add an email account, or add a removed one again", Args: cobra.ExactArgs(1),
		Long: `Adds an email account. It logs in to the server first, and only then says that
the account is connected; when the login is refused, the account is kept in error
with the server's words, to be corrected with starter email-account reconnect. A
server that cannot be reached just now, or is busy, is no fault of the account:
nothing is kept then, and the same command can be run again. A server that makes
strangers wait for its greeting is waited for, for up to five minutes.

An account that was removed is added again with the settings that it had; only
what has changed needs to be given. Contacts that were in error because of its
removal go on at once.`,
		Example: `  starter email-account add maya@northwind.example --name "Maya Claes" --host smtp.northwind.example --password-stdin < password.txt
  starter email-account add maya@northwind.example --host 127.0.0.1 --port 1025 --tls none --password-env MAYA_SMTP_PASSWORD`,
		RunE: func(command *cobra.Command, args []string) error {
			return s.addAccount(command.Context(), args[0], flags)
		},
	}
	flags.register(command)
	return command
}

func (s *session) addAccount(ctx context.Context, text string, flags accountFlags) error {
	address, err := parseAddress(text)
	if err != nil {
		return err
	}
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	account, err := db.EmailAccount(ctx, address)
	isNew := errors.Is(err, store.ErrNotFound)
	switch {
	case isNew:
		account = campaign.EmailAccount{Address: address, SMTP: campaign.SMTP{TLS: campaign.TLSStartTLS, Port: defaultPort(campaign.TLSStartTLS), Username: address}}
	case account.Address != "" && account.Status != campaign.AccountRemoved:
		return hint(refusedf("%s has been added before", address), "starter email-account reconnect "+address)
	case err != nil && !flags.givesPassword():
		return err
	}
	if account, err = flags.apply(s, account); err != nil {
		return err
	}
	switch smtp := account.SMTP; {
	case smtp.Host == "":
		return usagef("--host is missing; expected the name of the SMTP server of %s", address)
	case smtp.Username != "" && smtp.Password == "":
		return usagef(`the password is missing; give it with --password-stdin or --password-env NAME (or --username "" for a server without login)`)
	}
	if err := s.canSeal(account); err != nil {
		return err
	}
	failed, err := s.logIn(ctx, account)
	if err != nil {
		return err
	}
	if failed != nil && !failed.account {
		return fmt.Errorf("%s could not be tried just now and has not been added; run the same command again later: %s", address, failed.words)
	}
	if failed != nil {
		if err := db.KeepAccountInError(ctx, account, failed.words); err != nil {
			return err
		}
		return hint(fmt.Errorf("%s could not log in and is kept in error: %s", address, failed.words), "starter email-account reconnect "+address+" --password-stdin")
	}
	return s.connected(ctx, db, account)
}

func newAccountReconnect(s *session) *cobra.Command {
	var flags accountFlags
	command := &cobra.Command{
		Use: "reconnect ADDRESS", Short: "Log in again, with other settings if need be", Args: cobra.ExactArgs(1),
		Long: `Logs in to the account's server, and only then says that the account is
connected: contacts that were in error because of it go on at once. Settings that
are given as flags are kept when the login works, and are not kept when it fails. A
server that cannot be reached just now changes nothing either.`,
		Example: `  starter email-account reconnect maya@northwind.example
  starter email-account reconnect maya@northwind.example --password-stdin < password.txt`,
		RunE: func(command *cobra.Command, args []string) error {
			return s.reconnect(command.Context(), campaign.Spellings(args[0])[0], flags)
		},
	}
	flags.register(command)
	return command
}

func (s *session) reconnect(ctx context.Context, address string, flags accountFlags) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	before, err := db.EmailAccount(ctx, address)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noSuchAccount(ctx, db, address)
	case before.Status == campaign.AccountRemoved:
		return hint(refusedf("%s has been removed", address), "starter email-account add "+address)
	case err != nil && !flags.givesPassword():
		return hint(err, "starter email-account reconnect "+address+" --password-stdin")
	}
	address = before.Address // as it is stored
	account, err := flags.apply(s, before)
	if err != nil {
		return err
	}
	if err := s.canSeal(account); err != nil {
		return err
	}
	failed, err := s.logIn(ctx, account)
	switch {
	case err != nil:
		return err
	case failed == nil:
		return s.connected(ctx, db, account)
	case !failed.account && account.SMTP != before.SMTP:
		return fmt.Errorf("%s could not be tried just now with these settings, which are not kept; run the same command again later: %s", address, failed.words)
	case !failed.account:
		return fmt.Errorf("%s could not be tried, and stays %s: %s", address, statusText(before.Status), failed.words)
	case account.SMTP != before.SMTP:
		return hint(fmt.Errorf("%s could not log in with these settings, which are not kept: %s", address, failed.words), "starter email-account reconnect "+address+" --password-stdin")
	}
	if err := db.AccountFailed(ctx, address, before.Epoch, failed.words); err != nil {
		return err
	}
	return hint(fmt.Errorf("%s could not log in and is in error: %s", address, failed.words), "starter email-account reconnect "+address+" --password-stdin")
}

// canSeal refuses a password that could not be kept, before anything is tried with it.
func (s *session) canSeal(account campaign.EmailAccount) error {
	configured, err := s.Settings()
	if err == nil && account.SMTP.Password != "" && configured.SecretKey == nil {
		err = store.ErrNoSecretKey
	}
	return err
}

// connected keeps an account that has logged in, and says so.
func (s *session) connected(ctx context.Context, db *store.Store, account campaign.EmailAccount) error {
	change, err := db.ConnectAccount(ctx, account, s.by())
	if err != nil {
		return err
	}
	s.sayf("%s has logged in at %s and is connected.", account.Address, account.SMTP.Host)
	for _, edit := range change.Edits {
		s.sayf("  %s", editText(edit))
	}
	if err := s.show(changed{list(change.Edits), freeing(change.Resuming)}, nil); err != nil {
		return err
	}
	return s.goOn(ctx, change.Resuming, "in error")
}

func newAccountTest(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "test ADDRESS", Short: "Log in, and change nothing", Args: cobra.ExactArgs(1),
		Long:    "Logs in to the account's server with the settings that are kept, says what the\nserver answered, and changes nothing.",
		Example: "  starter email-account test maya@northwind.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx, address := command.Context(), campaign.Spellings(args[0])[0]
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			account, err := db.EmailAccount(ctx, address)
			if errors.Is(err, store.ErrNotFound) {
				return noSuchAccount(ctx, db, address)
			}
			if err != nil {
				return err
			}
			failed, err := s.logIn(ctx, account)
			if err != nil {
				return err
			}
			if failed != nil {
				return fmt.Errorf("%s could not log in: %s", account.Address, failed.words)
			}
			s.sayf("%s can log in at %s. It is %s.", address, serverText(account.SMTP), statusText(account.Status))
			if account.Status == campaign.AccountInError {
				s.sayf("starter email-account reconnect %s makes it connected.", address)
			}
			return s.show(map[string]any{"address": address, "loggedIn": true, "status": account.Status}, nil)
		},
	}
}
