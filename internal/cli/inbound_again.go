package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newInboundReclassify(s *session) *cobra.Command {
	var since string
	var how operator.Reclassify
	command := &cobra.Command{
		Use: "reclassify", Short: "Judge kept messages anew, and do what safely follows", Args: cobra.NoArgs,
		ValidArgsFunction: s.completes(),
		Long: `Reads every message whose text is still kept with the classifier of this release, and
lists those that it judges otherwise than when they came. --dry-run shows what would
follow, and changes nothing.

Without it, what follows is done as far as it only stops: what has become a reply ends
the enrollments that still run, an unsubscription or a complaint suppresses, a later
date holds for longer, a hard bounce reaches the bounce list. An address leaves that
list if the message was no hard bounce and nothing else had put it there. Nobody who has
ended goes on, and nobody is mailed sooner. What a person has settled stays as it is.`,
		Example: "  starter inbound reclassify --dry-run\n  starter inbound reclassify --since 2026-11-24",
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			if since != "" {
				var err error
				if how.Since, err = s.operator.SinceTime(ctx, since); err != nil {
					return err
				}
			}
			if !how.DryRun {
				s.interrupted = "what was judged anew is saved; the same command does the rest"
			}
			bar := s.bar("reading")
			how.Each = bar.Set
			done, err := s.operator.Reclassify(ctx, how)
			bar.End()
			if err != nil {
				return err
			}
			return s.showReclassified(command, done)
		},
	}
	command.Flags().BoolVar(&how.DryRun, "dry-run", false, "show what would follow, and change nothing")
	command.Flags().StringVar(&since, "since", "", "only what has arrived since this `date` or time")
	return command
}

func (s *session) showReclassified(command *cobra.Command, done operator.Reclassification) error {
	switch read, differ := print.Plural(done.Read, "message"), len(done.Changes); {
	case differ == 0:
		s.sayf("%s read anew; nothing differs.", read)
	case done.DryRun:
		s.sayf("%s read anew; %d would differ. Nothing was changed.", read, differ)
	default:
		s.sayf("%s read anew; %d differ.", read, differ)
	}
	t := print.NewTable(">Id", "Arrived", "From", "Was", "Is", "What follows", "Why")
	for _, one := range done.Changes {
		t.Add(one.ID, print.Moment(one.ArrivedAt), print.OrDash(one.From), kindWords(one.Was), kindWords(one.Is), print.OrDash(followsText(one)), one.Reason)
	}
	if len(done.Changes) == 0 {
		t = nil
	}
	if done.Delayed != nil {
		if err := s.delayed(command.Context(), done.Delayed, "the workflows go on or end"); err != nil {
			return err
		}
	}
	return s.show(done, t)
}

// followsText is what follows from a message that is judged anew.
func followsText(one operator.Reclassified) string {
	var parts []string
	say := func(holds bool, format string, args ...any) {
		if holds {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	say(one.Ended > 0, "ends %s", print.Plural(one.Ended, "enrollment"))
	if one.HeldUntil != nil {
		say(true, "holds until %s", print.Moment(*one.HeldUntil))
	}
	say(one.Bounced, "onto the bounce list")
	say(one.Unbounced, "off the bounce list")
	say(one.Resuming > 0, "%s in error", goOn(one.Resuming))
	say(one.Proved, "proves that our message arrived")
	say(one.State == "open", "somebody has to look")
	return strings.Join(parts, "; ")
}

func goOn(count int) string {
	if count == 1 {
		return "1 contact goes on that was"
	}
	return print.Plural(count, "contact") + " go on that were"
}
