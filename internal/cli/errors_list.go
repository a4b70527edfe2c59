package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newErrors(s *session) *cobra.Command {
	var filter selection
	var contact string
	var limit int
	command := &cobra.Command{
		Use: "errors", Short: "Show the contacts in error, why, and what to do about it", GroupID: groupCore,
		Long: `Shows every contact that is in error in a step, the oldest first: why, how to fix
it, and the command to type next. The list is complete: a contact that is
enrolled and not in it is under way, waiting, paused or at its end. Contacts whose
workflow was ended from outside (terminated, deleted, timed out) come first, as
WorkflowEnded: nothing moves them until starter reconcile starts them again.

A table shows the oldest 50 unless --limit says otherwise; JSON holds them all.`,
		Example: `  starter errors
  starter errors --campaign q4-outreach --code ContactHasNoEmail
  starter errors summary`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("errors has no command %q%s", args[0], print.Alternatives(args[0], []string{"summary", "codes"}))
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if !command.Flags().Changed("limit") && s.format == formatJSON {
				limit = 0
			}
			return s.errors(command.Context(), filter, contact, limit)
		},
	}
	filter.filters(command)
	_ = command.RegisterFlagCompletionFunc("code", s.completesAll(listedCodes))
	command.Flags().StringVar(&contact, "contact", "", "only this contact (`id` or address)")
	countVar(command, &limit, "limit", 50, "show at most so many, the oldest; 0 shows all")
	command.AddCommand(newErrorsSummary(s), newErrorsCodes(s))
	return command
}

func (s *session) errors(ctx context.Context, by selection, contact string, limit int) error {
	filter := operator.ErrorFilter{Campaign: by.campaign}
	var err error
	if filter.Code, err = parseErrorCode(by.code); err != nil {
		return err
	}
	if contact != "" {
		if filter.Contact, err = s.operator.ContactID(ctx, contact); err != nil {
			return hint(err, hintOr(err, "starter contacts list"))
		}
	}
	page, err := s.operator.Errors(ctx, filter, 0, limit)
	if err != nil {
		return err
	}
	if s.format == formatJSON {
		return s.show(page.Items, nil)
	}
	return s.printErrors(page)
}
