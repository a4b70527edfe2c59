package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newForecast(s *session) *cobra.Command {
	var whole bool
	command := &cobra.Command{
		Use: "forecast [CAMPAIGN|ADDRESS]", Short: "Show what leaves on which day, what limits it, and when all is done", GroupID: groupCore,
		ValidArgsFunction: s.completes(campaignsAndAccounts), Args: cobra.MaximumNArgs(1),
		Long: `Shows, for each email account, what its limits make of today, and what it sends on
each of the next 14 dates on which it does, and by the calendar's weeks after that: first
emails, follow-ups, how late the latest of those is, and what holds the next one back. The days are those if nobody
answers, bounces or leaves; the end is a range, from the time if as many do as so far.

CAMPAIGN shows one campaign: its account's other campaigns count by what they take away
from it. ADDRESS shows one email account. Nothing is changed, and two looks without a
change say the same. Contacts who are still to come into the line are reckoned in the
workspace's zone where the campaign sends in each recipient's: their days are about, and
it says how many they are. The end is on the clock of the account, or
on this machine's where several accounts are in different zones.

With -o json it is a list, an entry for each date of each account; with --whole one
object: what limits today, who is in line, and the end as well.`,
		Example: "  starter forecast\n  starter forecast q4-outreach\n  starter forecast maya@northwind.example -o json",
		RunE: func(command *cobra.Command, args []string) error {
			of := strings.Join(args, "")
			forecast, err := s.operator.Forecast(command.Context(), of)
			if err != nil {
				return err
			}
			return s.showForecast(forecast, whole)
		},
	}
	command.Flags().BoolVar(&whole, "whole", false, "with -o json: all that is known, and not the dates alone")
	return command
}

// campaignsAndAccounts are what a forecast can be of.
func campaignsAndAccounts(ctx context.Context, o *operator.Operator, typed string) ([]string, error) {
	keys, err := campaigns(ctx, o, typed)
	if err != nil {
		return nil, err
	}
	addresses, err := accounts(ctx, o, typed)
	return append(keys, addresses...), err
}

// showForecast prints what each account sends by date, and when all is done.
func (s *session) showForecast(forecast operator.Forecast, whole bool) error {
	t := print.NewTable("From", "Date", ">First emails", ">Follow-ups", "Late", "What limits")
	for _, sender := range forecast.Senders {
		s.sayf("%s: %s. Today: %s", sender.Account, lineText(sender), sender.Today.Text())
		for _, day := range operator.ByWeek(sender.Days) {
			t.Add(sender.Account, day.Dates(), day.FirstMails, day.FollowUps, lateText(day.LateSeconds), print.OrDash(operator.LimitName(day.Bottleneck)))
		}
	}
	if forecast.Unbound > 0 {
		s.sayf("%s for any of several senders: whichever is free first takes the next.", isOrAre(forecast.Unbound, "contact"))
	}
	if len(forecast.Senders) == 0 {
		s.sayf("%s", noSenderText(forecast))
	} else {
		s.sayf("%s", finishText(forecast))
	}
	if t.Len() == 0 && s.format == formatTable {
		return nil
	}
	if whole {
		return s.show(forecast, t)
	}
	return s.show(forecast.Rows(), t)
}

// lineText is who waits for an account.
func lineText(sender operator.SenderForecast) string {
	text := fmt.Sprintf("%d in line", sender.InLine)
	if sender.Coming > 0 {
		text += fmt.Sprintf(", %d to come into it", sender.Coming)
	}
	return text
}

// noSenderText says that there is nothing to say.
func noSenderText(forecast operator.Forecast) string {
	if forecast.Campaign != "" {
		return fmt.Sprintf("No email leaves: %s has no sender. Select one with: starter campaign set-sender %s ADDRESS", forecast.Campaign, forecast.Campaign)
	}
	return "No email leaves: no campaign has a sender."
}

// finishText says when the last mail leaves.
func finishText(forecast operator.Forecast) string {
	var text string
	moment := func(t time.Time) string { return momentIn(t, forecast.Zone()) }
	switch {
	case forecast.Latest == nil:
		text = "No email leaves: nobody waits for one."
		if forecast.Remain > 0 || forecast.Paused > 0 {
			text = "No email leaves."
		}
	case forecast.Likely == nil || forecast.Likely.Equal(*forecast.Latest):
		text = "The last email leaves on " + moment(*forecast.Latest) + "."
	default:
		text = fmt.Sprintf("The last email leaves between %s, if as many people stop as so far, and %s, if nobody does.", moment(*forecast.Likely), moment(*forecast.Latest))
	}
	if forecast.LastFirst != nil && forecast.Latest != nil && forecast.LastFirst.Before(*forecast.Latest) {
		text += fmt.Sprintf(" The last first email leaves on %s.", moment(*forecast.LastFirst))
	}
	if forecast.Paused > 0 {
		text += fmt.Sprintf(" %s of a paused campaign, and not counted until that goes on.", isOrAre(forecast.Paused, "contact"))
	}
	if forecast.ZoneUnknown > 0 {
		text += fmt.Sprintf(" %s still to come into the line, of a campaign that sends in each recipient's zone: %s about, as of the workspace's zone.",
			isOrAre(forecast.ZoneUnknown, "contact"), print.Agree(forecast.ZoneUnknown, "its days are", "their days are"))
	}
	if forecast.Remain > 0 {
		text += fmt.Sprintf(" %s in line will not have left by %s: there is no time, no sender, or more than the limits can serve.",
			print.Plural(forecast.Remain, "contact"), forecast.Until.Format(time.DateOnly))
	}
	return text
}

func lateText(seconds int) string {
	if seconds < 60 {
		return "-"
	}
	return print.Age(time.Duration(seconds) * time.Second)
}
