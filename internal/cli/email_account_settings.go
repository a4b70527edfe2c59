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
	changed                                func(name string) bool
}

func (f *accountFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.name, "name", "", "the `name` that recipients see")
	flags.StringVar(&f.host, "host", "", "the SMTP `server`")
	flags.IntVar(&f.port, "port", 0, "its `port` (587 with starttls, 465 with implicit, 25 with none)")
	flags.StringVar(&f.tls, "tls", "", "how the connection is protected: starttls, implicit or none (`mode`; starttls for a new account)")
	flags.StringVar(&f.username, "username", "", "the `user` to log in as (the address for a new account; \"\" does not log in)")
	flags.BoolVar(&f.passwordStdin, "password-stdin", false, "read the password from standard input")
	flags.StringVar(&f.passwordEnv, "password-env", "", "read the password from the environment variable `NAME`")
	_ = command.RegisterFlagCompletionFunc("tls", cobra.FixedCompletions(campaign.TLSModes(), cobra.ShellCompDirectiveNoFileComp))
	f.changed = func(name string) bool { return flags.Changed(name) }
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
		text, ok := s.env(f.passwordEnv)
		if !ok || text == "" {
			return "", true, usagef("the environment variable %s is not set; set it to the password", f.passwordEnv)
		}
		return campaign.Secret(text), true, nil
	}
	return "", false, nil
}
