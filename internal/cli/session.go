package cli

import (
	"io"

	"github.com/spf13/pflag"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
	"relance/internal/plaintext"
	"relance/internal/settings"
)

// Temporal is what commands need of Temporal.
type Temporal = operator.Temporal

// session is one run of the program.
type session struct {
	Options
	// operator does what the commands ask for.
	operator *operator.Operator
	env      settings.Lookup
	format   format
	// flags are those of the command that runs.
	flags *pflag.FlagSet
	// running is true from the moment that a command's own code runs.
	running bool
	// screen is Stderr for what draws: the rest of the program writes plain text only.
	screen io.Writer
	// interrupted says what holds when Ctrl-C ends the command now.
	interrupted string
}

func newSession(o Options) *session {
	screen := o.Stderr
	o.Stdout, o.Stderr = plaintext.Writer{To: o.Stdout}, plaintext.Writer{To: o.Stderr}
	s := &session{Options: o, screen: screen, env: withDevEnv(o.LookupEnv, o.Dir), format: formatTable, interrupted: "nothing was changed"}
	s.operator = operator.New(operator.Options{
		LookupEnv: s.env, DialTemporal: o.DialTemporal, Tick: o.tick, Patience: o.patience, LookAgain: o.lookAgain,
		LoginPatience: o.greet, SlowLogin: func(account campaign.EmailAccount) {
			s.warnf("waiting for %s, which may hold its greeting back for minutes; Ctrl-C gives up and changes nothing",
				serverText(account.SMTP.Host, account.SMTP.Port, account.SMTP.TLS))
		},
	})
	return s
}

// bar is a progress bar on Stderr, drawn only where a person looks on.
func (s *session) bar(message string) *print.Bar {
	if !s.IsTerminal || s.format != formatTable {
		return print.NewBar(nil, message)
	}
	return print.NewBar(s.screen, message)
}
