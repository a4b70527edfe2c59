package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/failure"
	"relance/internal/operator"
)

type resumeFlags struct {
	selection
	assume, note string
	dryRun       bool
	wait         waitFlag
	rate         rateFlag
}

func newResume(s *session) *cobra.Command {
	var flags resumeFlags
	command := &cobra.Command{
		Use: "resume (CONTACT… | --all)", Short: "Have contacts in error try their step again", GroupID: groupCore,
		ValidArgsFunction: s.completesAll(contacts),
		Long: `Has contacts that are in error try their step again, from that same step.
Everything is checked again: when the reason persists, the contact is in error
again, under the next park number. Most errors need no resume: they end by
themselves when their cause is fixed (starter errors shows the command).

A contact in DeliveryUncertain is never resumed without an answer. Look in the
sender's Sent folder, then say --assume sent (it goes on behind the message) or
--assume not-sent (the message is sent again).

The request is committed before any workflow is signalled: when Temporal does not
answer, it is carried out within a minute of its return, and the command still
succeeds. It goes on in the background, at --rate if there is one; starter
background shows how far it is. The same resume again while it is under way takes
its place, at the new rate if there is one: no contact is resumed twice.

With --wait the exit code is 1 when a contact is in error again, was not taken up
while nothing moved for a minute, or has no workflow any more that could go on.`,
		Example: `  starter resume 17
  starter resume --all --campaign q4-outreach --code SendingFailed --wait
  starter resume --all --code EmailAccountInError --rate 20
  starter resume ana@contoso.example --assume not-sent --note "not in Sent"`,
		Args: flags.args,
		RunE: func(command *cobra.Command, args []string) error {
			return s.resume(command.Context(), flags, args)
		},
	}
	flags.flags(command)
	command.Flags().StringVar(&flags.assume, "assume", "", "answer for DeliveryUncertain: `sent or not-sent`")
	command.Flags().StringVar(&flags.note, "note", "", "a `text` for the contacts' timelines")
	command.Flags().BoolVar(&flags.dryRun, "dry-run", false, "count the contacts that would be resumed and do nothing")
	flags.wait.flag(command, "has gone on or is in error again")
	flags.rate.flag(command, "resume")
	_ = command.RegisterFlagCompletionFunc("assume", cobra.FixedCompletions([]string{"sent", "not-sent"}, cobra.ShellCompDirectiveNoFileComp))
	return command
}

func (s *session) resume(ctx context.Context, flags resumeFlags, args []string) error {
	selected, err := flags.resolve(ctx, s.operator, args)
	if err != nil {
		return err
	}
	out, err := s.operations(flags.wait).Resume(ctx, selected, operator.Resume{Note: flags.note, Assume: campaign.Assume(flags.assume)},
		operator.How{DryRun: flags.dryRun, Rate: flags.rate.value})
	var unanswered *operator.NeedsAnswer
	switch {
	case errors.As(err, &unanswered):
		call := "starter resume" + flags.call(unanswered.Contacts)
		return hint(err, fmt.Sprintf("%s --assume sent\n or: %s --assume not-sent", call, call))
	case errors.Is(err, operator.ErrNotFound):
		return hint(err, hintOr(err, "starter contacts list"))
	case errors.Is(err, operator.ErrRefused):
		return hint(err, "starter errors")
	case err != nil:
		return err
	}
	s.sayRequested("resume", out)
	if out.LeftOut > 0 {
		s.sayf("Left out: %s in DeliveryUncertain, without an answer (--assume sent or --assume not-sent).", print.Plural(out.LeftOut, "contact"))
	}
	s.sayEnded(out.Ended)
	if err := s.delayed(ctx, out.Delayed, "it will be carried out"); err != nil {
		return err
	}
	if flags.dryRun || out.Requested == 0 || !bool(flags.wait) {
		return s.show(out, nil)
	}
	s.interrupted = savedInBackground
	if out.Outcomes, err = s.follow(ctx, "resuming", out.Concerned); err != nil {
		return err
	}
	return s.sayOutcomes(out.Outcomes, out.Ended > 0, out)
}

// call repeats a selection as arguments, for a line to copy.
func (w *selection) call(contacts []int64) string {
	line := ""
	if w.all {
		line = " --all --code " + string(failure.DeliveryUncertain)
	} else {
		for _, id := range contacts {
			line += fmt.Sprintf(" %d", id)
		}
	}
	if w.campaign != "" {
		line += " --campaign " + w.campaign
	}
	return line
}

// sayRequested says how many contacts a request selects, how fast they are
// signalled, and how many have which code.
func (s *session) sayRequested(verb string, out operator.Requested) {
	switch {
	case out.Requested == 0:
		s.sayf("There is no contact to %s.", verb)
	case out.DryRun:
		s.sayf("Dry run: would %s %s%s.", verb, print.Plural(out.Requested, "contact"), atRate(out.Rate, out.Requested))
	default:
		s.sayf("Asked to %s %s%s.", verb, print.Plural(out.Requested, "contact"), atRate(out.Rate, out.Requested))
		s.sayBackground(out.Requested, out.Rate)
	}
	if out.DryRun && out.Requested > 0 {
		t := print.NewTable("Campaign", ">Contacts")
		for _, key := range slices.Sorted(maps.Keys(out.ByCampaign)) {
			t.Add(key, out.ByCampaign[key])
		}
		s.sayf("%s", t.Render(s.Width))
	}
	if len(out.ByCode) == 0 || !out.DryRun && len(out.ByCode) == 1 {
		return
	}
	t := print.NewTable("In error with", ">Contacts")
	for _, code := range byNumber(out.ByCode) {
		t.Add(code, out.ByCode[code])
	}
	s.sayf("%s", t.Render(s.Width))
}

// sayBackground says where to look at something that takes a while.
func (s *session) sayBackground(contacts int, rate campaign.Rate) {
	const awhile = 1000
	if contacts >= awhile || rate > 0 {
		s.sayf("It goes on in the background; starter background shows how far it is.")
	}
}
