package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newCampaignPause(s *session) *cobra.Command {
	var dryRun bool
	command := &cobra.Command{
		Use: "pause CAMPAIGN", Short: "Pause a campaign: no further step begins", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(campaigns),
		Long: `Pauses a campaign: no step begins any more. Contacts in an email account's line keep
their places and stay Waiting (starter why says that the campaign is paused); the others
are Paused when their next step comes. Waits go on meanwhile. A message that is being
sent is sent.`,
		Example: "  starter campaign pause q4-outreach\n  starter campaign pause q4-outreach --dry-run",
		RunE: func(command *cobra.Command, args []string) error {
			return s.pause(command.Context(), args[0], dryRun)
		},
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count the contacts that would be paused and do nothing")
	return command
}

func newCampaignUnpause(s *session) *cobra.Command {
	var dryRun bool
	var rate rateFlag
	var wait waitFlag
	command := &cobra.Command{
		Use: "unpause CAMPAIGN", Short: "Let a paused campaign go on", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(campaigns),
		Long: `Lets a paused campaign go on. Contacts in a line have their turns again, in their places;
those that are Paused begin their step at once, or at --rate (starter background shows
how far it is).`,
		Example: "  starter campaign unpause q4-outreach\n  starter campaign unpause q4-outreach --rate 300/m",
		RunE: func(command *cobra.Command, args []string) error {
			return s.unpause(command.Context(), args[0], operator.How{DryRun: dryRun, Rate: rate.value}, wait)
		},
	}
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count the contacts that would go on and do nothing")
	rate.flag(command, "let go on")
	wait.flag(command, "that was paused has gone on or is in error")
	return command
}

func (s *session) pause(ctx context.Context, key string, dryRun bool) error {
	done, err := s.operator.Pause(ctx, key, dryRun)
	if err != nil {
		return err
	}
	if len(done.Edits) == 0 {
		s.sayf("%s: nothing changed; it is paused already.", key)
	} else {
		s.sayf("%s%s", either(dryRun, "Dry run: would pause "+key, key+" is paused"), underWay(done))
	}
	return s.show(done, nil)
}

// underWay counts the contacts that a pause affects, as the end of a sentence.
func underWay(done operator.Pausing) string {
	if done.Count == 0 {
		return ": no further step begins."
	}
	var parts []string
	for _, part := range []struct {
		count int
		name  string
	}{{done.UnderWay.Active, "active"}, {done.UnderWay.Waiting, "waiting"}, {done.UnderWay.InError, "in error"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.name))
		}
	}
	return fmt.Sprintf(": no further step begins for %s (%s).", print.Plural(done.Count, "contact"), strings.Join(parts, ", "))
}

func (s *session) unpause(ctx context.Context, key string, how operator.How, wait waitFlag) error {
	done, err := s.operations(wait).Unpause(ctx, key, how)
	if err != nil {
		return err
	}
	switch {
	case len(done.Edits) == 0:
		s.sayf("%s: nothing changed; it is active already.", key)
	case how.DryRun:
		s.sayf("Dry run: would let %s go on: %s would begin their step%s.", key,
			print.Plural(done.Resuming, "paused contact"), atRate(how.Limit(), done.Resuming))
	default:
		s.sayf("%s is active again.", key)
	}
	if how.DryRun {
		s.sayEnded(done.Ended)
		return s.show(done, nil)
	}
	of := changeOf(&done.Effect, &done)
	of.state, of.when = "that had been paused", either(how.Limit() > 0, "at "+how.Limit().String(), "now")
	return s.showChange(ctx, wait, of)
}

func either(which bool, yes, no string) string {
	if which {
		return yes
	}
	return no
}
