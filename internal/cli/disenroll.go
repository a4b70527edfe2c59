package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/store"
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
			return s.disenroll(command.Context(), flags, args, reason, store.BatchOptions{DryRun: dryRun, Rate: rate.value})
		},
	}
	flags.flags(command)
	command.Flags().StringVar(&reason, "reason", "", "a `text` for the contacts' timelines")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "count who would be disenrolled and do nothing")
	rate.flag(command, "disenroll")
	return command
}

func (s *session) disenroll(ctx context.Context, flags selection, args []string, reason string, how store.BatchOptions) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	selected, err := flags.resolve(ctx, db, args)
	if err != nil {
		return err
	}
	found, err := db.RequestDisenroll(ctx, selected, reason, s.by(), how)
	if err != nil {
		return hint(err, "starter contacts list")
	}
	out := requested{Requested: found.Count, ByCode: found.ByCode, DryRun: how.DryRun}
	s.sayRequested("disenroll", out, found.Rate)
	if !how.DryRun && out.Requested > 0 {
		if err := s.wake(ctx); err != nil {
			return err
		}
	}
	return s.showRequested(out)
}
