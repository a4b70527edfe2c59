package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newDisenroll(s *session) *cobra.Command {
	var flags selection
	var reason string
	var dryRun, yes bool
	var rate rateFlag
	var wait waitFlag
	command := &cobra.Command{
		Use: "disenroll (CONTACT… | --all)", Short: "Take contacts out of a campaign", GroupID: groupCore,
		ValidArgsFunction: s.completesAll(contacts),
		Long: `Takes contacts out of a campaign, at whichever step they are: no further step is
done. A message that is on its way to a mail server is not called back. Enrolling them
later leaves them out; starter enroll --again takes them, from the first step. Without
--campaign it concerns every campaign that the contact is in; --dry-run counts them
by campaign. --all without --campaign asks first, or takes --yes.

The request is committed before any workflow is signalled: when Temporal does not
answer, it is carried out within a minute of its return, and the command still
succeeds. It goes on in the background, at --rate if there is one; starter
background shows how far it is, and can stop it.

With --wait the exit code is 1 when a contact was not taken up while nothing
moved for a minute.`,
		Example: `  starter disenroll 17 --campaign q4-outreach --reason "asked us to stop"
  starter disenroll --all --code EmailAlreadyBounced --dry-run
  starter disenroll --all --code EmailAlreadyBounced --yes --wait`,
		Args: flags.args,
		RunE: func(command *cobra.Command, args []string) error {
			ctx, how := command.Context(), operator.How{DryRun: dryRun, Rate: rate.value}
			selected, err := flags.resolve(ctx, s.operator, args)
			if err == nil && flags.all && flags.campaign == "" && !dryRun && !yes {
				err = s.confirmDisenroll(ctx, selected)
			}
			if err != nil {
				return err
			}
			return s.disenroll(ctx, selected, reason, how, wait)
		},
	}
	flags.flags(command)
	command.Flags().StringVar(&reason, "reason", "", "a `text` for the contacts' timelines")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count the contacts that would be disenrolled and do nothing")
	command.Flags().BoolVar(&yes, "yes", false, "with --all: disenroll from every campaign without asking")
	rate.flag(command, "disenroll")
	wait.flag(command, "has been disenrolled")
	return command
}

// confirmDisenroll asks before contacts are taken out of every campaign.
func (s *session) confirmDisenroll(ctx context.Context, selected operator.Selection) error {
	would, err := s.operator.Disenroll(ctx, selected, "", operator.How{DryRun: true})
	if err != nil || would.Requested == 0 {
		return err
	}
	return s.confirm(ctx, fmt.Sprintf("this takes %s out of %s", print.Plural(would.Requested, "enrolled contact"), print.Plural(len(would.ByCampaign), "campaign")),
		"say --campaign KEY, or --yes for every campaign", "starter disenroll --all --dry-run")
}

func (s *session) disenroll(ctx context.Context, selected operator.Selection, reason string, how operator.How, wait waitFlag) error {
	out, err := s.operations(wait).Disenroll(ctx, selected, reason, how)
	if err != nil {
		return hint(err, hintOr(err, "starter contacts list"))
	}
	s.sayRequested("disenroll", out)
	if err := s.delayed(ctx, out.Delayed, "it will be carried out"); err != nil {
		return err
	}
	if how.DryRun || out.Requested == 0 || !bool(wait) {
		return s.show(out, nil)
	}
	s.interrupted = savedInBackground
	if out.Outcomes, err = s.follow(ctx, "disenrolling", out.Concerned); err != nil {
		return err
	}
	return s.sayEnds(out.Outcomes, out)
}
