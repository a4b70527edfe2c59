package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newBackground(s *session) *cobra.Command {
	var rate rateFlag
	var stop bool
	command := &cobra.Command{
		Use: "background [NUMBER]", Short: "See what is under way in the background, and how far it is", GroupID: groupCore,
		ValidArgsFunction: s.completes(numbers),
		Long: `Lists what commands have asked for and workers still have to do: contacts to
start, to resume or to take out, and fixes being delivered to contacts. All of it is
saved: it goes on whatever becomes of the command, and when a worker stops, another
goes on from there.

With a number, --rate changes how fast that goes on, from now. --stop cancels a
resume or a disenroll for the contacts that have not been signalled yet; those that
have been are not affected. Of an enroll that begins later (--at) it disenrolls the contacts;
starter enroll --again takes them at another time.`,
		Example: `  starter background
  starter background 4711 --rate 20
  starter background 4711 --stop`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			return s.background(command.Context(), args, rate, stop)
		},
	}
	rate.flag(command, "with NUMBER: go on with")
	command.Flags().BoolVar(&stop, "stop", false, "with NUMBER: signal no further contact")
	return command
}

func (s *session) background(ctx context.Context, args []string, rate rateFlag, stop bool) error {
	if rate.value != nil && stop {
		return usagef("give --rate or --stop, not both")
	}
	if len(args) == 0 {
		if rate.value != nil || stop {
			return hint(usagef("say which: the number in the first column"), "starter background")
		}
		open, err := s.operator.UnderWay(ctx, "")
		if err != nil {
			return err
		}
		return s.showBackground(open)
	}
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil || id <= 0 {
		return hint(usagef("%q is not a number of the first column", args[0]), "starter background")
	}
	switch {
	case stop:
		stopped, err := s.operator.Stop(ctx, id)
		if err != nil {
			return hint(err, "starter background")
		}
		if stopped.Kind == campaign.OutboxEnroll {
			s.sayf("Stopped: %s taken out of %s before it began.", print.Plural(stopped.Total, "contact"), stopped.Campaign)
			return s.show([]operator.Background{stopped}, nil)
		}
		s.sayf("Stopped: %s signalled, %d not.", print.Plural(stopped.Done, "contact"), stopped.Total-stopped.Done)
		return s.show([]operator.Background{stopped}, nil)
	case rate.value != nil:
		if err := s.operator.SetRate(ctx, id, rate.limit()); err != nil {
			return hint(err, "starter background")
		}
		s.interrupted = "the rate is changed"
	}
	one, err := s.operator.BackgroundEntry(ctx, id)
	if err != nil {
		return hint(err, "starter background")
	}
	return s.showBackground([]operator.Background{one})
}

func (s *session) showBackground(open []operator.Background) error {
	if len(open) == 0 {
		s.sayf("Nothing is under way in the background.")
		return s.show(open, nil)
	}
	return s.show(open, backgroundTable(open))
}

func backgroundTable(open []operator.Background) *print.Table {
	t := print.NewTable(">Number", "What", "Contacts", ">Done", ">Of", ">Rate", ">For", "By")
	for _, one := range open {
		t.Add(one.ID, one.Kind, whichContacts(one)+beginsText(one), one.Done, one.Total, one.Rate, print.Age(time.Since(one.Since)), one.By)
	}
	return t
}

// beginsText is when something begins that has not.
func beginsText(one operator.Background) string {
	if one.NotBefore == nil {
		return ""
	}
	return ", begins " + print.Moment(*one.NotBefore)
}

// whichContacts describes in a few words the contacts of an outbox entry: `all in
// q4-outreach with SendingFailed`.
func whichContacts(one operator.Background) string {
	var words []string
	switch {
	case one.Cause != "":
		words = append(words, "waiting for "+one.Cause.Thing())
	case one.Named > 0:
		words = append(words, print.Plural(one.Named, "contact"))
	case one.Kind == campaign.OutboxEdit:
		words = append(words, "waiting while their step was edited")
	case one.Kind != campaign.OutboxEnroll:
		words = append(words, "all")
	}
	if one.Campaign != "" {
		words = append(words, "in "+one.Campaign)
	}
	if one.Code != "" {
		words = append(words, fmt.Sprintf("with %s", one.Code))
	}
	return strings.Join(words, " ")
}
