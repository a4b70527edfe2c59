package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/operator"
)

func newAccountPace(s *session) *cobra.Command {
	var settings operator.PaceSettings
	var wait waitFlag
	command := &cobra.Command{
		Use: "pace ADDRESS", Short: "Show or set what an email account sends at most", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long: `Sets what an email account sends at most, whatever its campaigns want: the gap
between two emails, how many leave on a day, and during which hours. What is not
given stays as it is; the word none takes a part away, and --none takes all. Without
a flag the pace is shown.

A change counts for the next email. A day is a date of the account's time zone, or of
the workspace's when it has none: what has left on it counts, also after a change of
the zone. A workspace file that is applied later says what the pace is: an account
that it names without pace has none any more.`,
		Example: `  starter email-account pace maya@northwind.example --gap 90s --jitter 30s --per-day 400
  starter email-account pace maya@northwind.example --hours "mon-fri 08:00-20:00; sat 10:00-12:00" --timezone Europe/Brussels
  starter email-account pace maya@northwind.example --ramp 20+10
  starter email-account pace maya@northwind.example --none`,
	}
	flags := command.Flags()
	typed := map[string]**string{}
	for _, flag := range []struct {
		name, usage string
		to          **string
	}{
		{"gap", "the least `time` between two emails: 90s, 5m", &settings.Gap},
		{"jitter", "up to this much `time` more is added to the gap", &settings.Jitter},
		{"per-day", "how many emails leave on a day at most (`count`)", &settings.PerDay},
		{"ramp", "fewer on the first days: `START+ADD`, for example 20+10", &settings.Ramp},
		{"hours", "when it sends: `windows` such as 08:00-20:00 or mon-fri 09:00-17:00; sat 10:00-12:00", &settings.Hours},
		{"timezone", "the IANA `name` of its time zone", &settings.Timezone},
		{"order", "who leaves first: follow-ups-first or fifo (`order`)", &settings.Order},
	} {
		flags.String(flag.name, "", flag.usage)
		typed[flag.name] = flag.to
	}
	flags.BoolVar(&settings.None, "none", false, "take every limit away")
	_ = command.RegisterFlagCompletionFunc("order", cobra.FixedCompletions(operator.PaceOrders(), cobra.ShellCompDirectiveNoFileComp))
	_ = command.RegisterFlagCompletionFunc("timezone", cobra.FixedCompletions(operator.TimeZones(), cobra.ShellCompDirectiveNoFileComp))
	wait.fix(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		change := settings.None
		for name, to := range typed {
			if flags.Changed(name) {
				value, _ := flags.GetString(name)
				if strings.TrimSpace(value) == "" { // an empty variable of a script takes no limit away
					return usagef("--%s is empty; expected a value, or none to take that part away", name)
				}
				*to, change = &value, true
			}
		}
		return s.setPace(command.Context(), args[0], settings, change, wait)
	}
	return command
}

func (s *session) setPace(ctx context.Context, address string, settings operator.PaceSettings, change bool, wait waitFlag) error {
	done, err := s.operations(wait).SetPace(ctx, address, settings)
	var invalid *operator.Invalid
	if errors.As(err, &invalid) {
		return usagef("%w", err)
	}
	if err != nil {
		return err
	}
	address = campaign.Spellings(address)[0]
	if !change {
		s.sayf("%s: %s", address, paceText(done.Pace))
		return s.show(done, nil)
	}
	for _, note := range done.Notes {
		s.warnf("%s", note)
	}
	if len(done.Edits) == 0 {
		s.sayf("%s: nothing changed.", address)
	}
	for _, edit := range done.Edits {
		s.sayf("%s: %s", address, editText(edit))
	}
	return s.showChange(ctx, wait, changeOf(&done.Effect, &done))
}

// paceText is an account's pace, or that it has none.
func paceText(of *operator.Pace) string {
	if text := of.Text(); text != "" {
		return text
	}
	return "no limit: it sends as fast as its server takes mail"
}

// windowText is a campaign's window, or that it has none.
func windowText(of *operator.SendWindow) string {
	if text := of.Text(); text != "" {
		return text
	}
	return "at any time, except on the workspace's holidays"
}
