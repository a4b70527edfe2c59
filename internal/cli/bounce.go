package cli

import (
	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
)

func newBounce(s *session) *cobra.Command {
	return newParent(groupContacts, "bounce", "Addresses that have hard bounced, to which nothing is sent", newBounceList(s), newBounceAdd(s), newBounceRemove(s))
}

func newBounceList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the bounced addresses, the latest first", Args: cobra.NoArgs,
		Example: "  starter bounce list",
		RunE: func(command *cobra.Command, _ []string) error {
			bounces, err := s.operator.Bounces(command.Context())
			if err != nil {
				return err
			}
			if len(bounces) == 0 {
				s.sayf("No address has bounced.")
				return s.show(bounces, nil)
			}
			t := print.NewTable("Address", "Since", "By", "Reason")
			for _, bounce := range bounces {
				t.Add(bounce.Address, print.Moment(bounce.BouncedAt), print.OrDash(bounce.AddedBy), print.OrDash(bounce.Reason))
			}
			return s.show(bounces, t)
		},
	}
}

func newBounceAdd(s *session) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use: "add ADDRESS", Short: "Send nothing more to an address", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(),
		Long: `Records that an address has bounced: contacts with it are put in error at their
next email instead of being mailed.`,
		Example: `  starter bounce add jo@contoso.example --reason "has left the company"`,
		RunE: func(command *cobra.Command, args []string) error {
			change, err := s.operator.AddBounce(command.Context(), args[0], reason)
			if err != nil {
				return err
			}
			for _, edit := range change.Edits {
				s.sayf("Nothing is sent to %s any more.", edit.To)
			}
			if len(change.Edits) == 0 {
				s.sayf("%s: nothing changed; it was recorded as bounced before.", campaign.Spellings(args[0])[0])
			}
			return s.show(change, nil)
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why: a `text` that the list shows")
	return command
}

func newBounceRemove(s *session) *cobra.Command {
	var wait waitFlag
	command := &cobra.Command{
		Use: "remove ADDRESS", Short: "Send to an address again", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(bounces),
		Long: `Forgets that an address has bounced. Contacts that were in error because of it
go on at once.`,
		Example: "  starter bounce remove jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			change, err := s.operations(wait).RemoveBounce(command.Context(), args[0])
			if err != nil {
				return err
			}
			for _, edit := range change.Edits {
				s.sayf("%s may be sent to again.", edit.From)
			}
			return s.showChange(command.Context(), wait, changeOf(&change.Effect, &change))
		},
	}
	wait.fix(command)
	return command
}
