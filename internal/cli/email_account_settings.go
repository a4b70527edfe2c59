package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/plaintext"
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
	command.MarkFlagsMutuallyExclusive("password-stdin", "password-env")
	_ = command.RegisterFlagCompletionFunc("tls", cobra.FixedCompletions(tlsModes, cobra.ShellCompDirectiveNoFileComp))
	f.changed = func(name string) bool { return flags.Changed(name) }
}

var tlsModes = []string{string(campaign.TLSStartTLS), string(campaign.TLSImplicit), string(campaign.TLSNone)}

// defaultPort is the port that belongs to a kind of protection.
func defaultPort(tls campaign.TLS) int {
	switch tls {
	case campaign.TLSImplicit:
		return 465
	case campaign.TLSNone:
		return 25
	case campaign.TLSStartTLS: // the default
	}
	return 587
}

// apply lays the flags that were given over an account. The port follows the
// kind of protection when it was the usual one.
func (f *accountFlags) apply(s *session, account campaign.EmailAccount) (campaign.EmailAccount, error) {
	if f.changed("tls") {
		tls := campaign.TLS(strings.ToLower(f.tls))
		if tls != campaign.TLSStartTLS && tls != campaign.TLSImplicit && tls != campaign.TLSNone {
			return account, usagef("--tls is %q; expected starttls, implicit or none", f.tls)
		}
		if account.SMTP.Port == defaultPort(account.SMTP.TLS) {
			account.SMTP.Port = defaultPort(tls)
		}
		account.SMTP.TLS = tls
	}
	if f.changed("port") {
		if f.port < 1 || f.port > 65535 {
			return account, usagef("--port is %d; expected 1 to 65535", f.port)
		}
		account.SMTP.Port = f.port
	}
	if f.changed("host") {
		if account.SMTP.Host = strings.TrimSpace(f.host); account.SMTP.Host == "" || strings.ContainsAny(account.SMTP.Host, "/ @") {
			return account, usagef("--host is %q; expected the name of the server, for example smtp.example.com", f.host)
		}
	}
	if f.changed("name") {
		account.Name = plaintext.Line(f.name, plaintext.Name)
	}
	if f.changed("username") {
		account.SMTP.Username = strings.TrimSpace(f.username)
	}
	password, given, err := f.password(s)
	if given {
		account.SMTP.Password = password
	}
	return account, err
}

// givesPassword is true when a flag says where the password is.
func (f *accountFlags) givesPassword() bool { return f.passwordStdin || f.changed("password-env") }

func (f *accountFlags) password(s *session) (password campaign.Secret, given bool, err error) {
	switch {
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
