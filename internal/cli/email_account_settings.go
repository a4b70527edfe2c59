package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/operator"
)

// accountFlags are the settings of an email account as flags.
type accountFlags struct {
	name, host, tls, username, passwordEnv string
	port                                   int
	passwordStdin                          bool
	imap                                   mailboxFlags
	changed                                func(name string) bool
}

func (f *accountFlags) register(command *cobra.Command) {
	flags := command.Flags()
	f.registerServers(command)
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from standard input")
	flags.StringVar(&f.passwordEnv, "password-env", "", "read the password from the environment variable `NAME`")
}

// registerServers is without those of the password.
func (f *accountFlags) registerServers(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.name, "name", "", "the `name` that recipients see")
	flags.StringVar(&f.host, "host", "", "the SMTP `server`")
	flags.IntVar(&f.port, "port", 0, "its `port` (587 with starttls, 465 with implicit, 25 with none)")
	flags.StringVar(&f.tls, "tls", "", "how the connection is protected: starttls, implicit or none (`mode`; starttls for a new account)")
	flags.StringVar(&f.username, "username", "", "the `user` to log in as (the address for a new account; \"\" does not log in)")
	_ = command.RegisterFlagCompletionFunc("tls", cobra.FixedCompletions(campaign.TLSModes(), cobra.ShellCompDirectiveNoFileComp))
	f.changed = func(name string) bool { return flags.Changed(name) }
	f.imap.register(command)
}

// settings are those that were given. What a value may be is not judged here.
func (f *accountFlags) settings(s *session) (operator.AccountSettings, error) {
	var settings operator.AccountSettings
	for name, part := range map[string]struct {
		to   **string
		from *string
	}{"name": {&settings.Name, &f.name}, "host": {&settings.Host, &f.host}, "tls": {&settings.TLS, &f.tls}, "username": {&settings.Username, &f.username}} {
		if f.changed(name) {
			*part.to = part.from
		}
	}
	if f.changed("port") {
		settings.Port = &f.port
	}
	password, given, err := f.password(s)
	if given {
		settings.Password = &password
	}
	if err != nil {
		return settings, err
	}
	settings.Mailbox, err = f.imap.settings(s)
	return settings, err
}

func (f *accountFlags) password(s *session) (password campaign.Secret, given bool, err error) {
	switch {
	case f.passwordStdin && f.changed("password-env"):
		return "", true, usagef("give --password-stdin or --password-env, not both")
	case f.passwordStdin:
		text, err := io.ReadAll(io.LimitReader(s.Stdin, 1<<16))
		if err != nil {
			return "", true, err
		}
		password := strings.TrimRight(string(text), "\r\n")
		if password == "" {
			return "", true, usagef("standard input is empty; expected the password")
		}
		return campaign.Secret(password), true, nil
	case f.changed("password-env"):
		password, err := passwordIn(s, f.passwordEnv)
		return password, true, err
	}
	return "", false, nil
}

// passwordIn is the password in a variable of the environment.
func passwordIn(s *session, variable string) (campaign.Secret, error) {
	text, ok := s.env(variable)
	if !ok || text == "" {
		return "", usagef("the environment variable %s is not set; set it to the password", variable)
	}
	return campaign.Secret(text), nil
}
