package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/operator"
)

func newDisenroll(s *session) *cobra.Command {
	var flags selection
	var reason string
	var dryRun bool
	var rate rateFlag
	command := &cobra.Command{
		Use: "disenroll (CONTACT… | --all)", Short: "Take contacts out of a campaign for good", GroupID: groupCore,
		Long: `Takes contacts out of a campaign, wherever they stand: no further step is done.
A message that is on its way to a mail server is not called back. It is for
good: a contact cannot be enrolled in the same campaign again. Without
--campaign it concerns every campaign that the contact is in; --dry-run counts.

The request is saved before anything is told: when Temporal does not answer, it
is carried out within a minute of its return, and the command still succeeds.
It goes on in the background, at --rate if there is one; starter background
shows how far it is, and can stop it.`,
		Example: `  starter disenroll 17 --campaign q4-outreach --reason "asked us to stop"
  starter disenroll --all --code EmailAlreadyBounced --dry-run`,
		Args: flags.args,
		RunE: func(command *cobra.Command, args []string) error {
			return s.disenroll(command.Context(), flags, args, reason, operator.How{DryRun: dryRun, Rate: rate.value})
		},
	}
	flags.flags(command)
	command.Flags().StringVar(&reason, "reason", "", "a `text` for the contacts' timelines")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count who would be disenrolled and do nothing")
	rate.flag(command, "disenroll")
	return command
}

func (s *session) disenroll(ctx context.Context, flags selection, args []string, reason string, how operator.How) error {
	selected, err := flags.resolve(ctx, s.operator, args)
	if err != nil {
		return err
	}
	out, err := s.operator.Disenroll(ctx, selected, reason, how)
	if err != nil {
		return hint(err, hintOr(err, "starter contacts list"))
	}
	s.sayRequested("disenroll", out)
	if err := s.delayed(ctx, out.Delayed, "it will be carried out"); err != nil {
		return err
	}
	return s.show(out, nil)
}
