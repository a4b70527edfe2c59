package cli

import (
	"time"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/failure"
)

func newErrorsSummary(s *session) *cobra.Command {
	var key string
	command := &cobra.Command{
		Use: "summary", Short: "Group the contacts in error by what has to be fixed",
		Long: `Groups the contacts in error by campaign, code and cause, the largest group
first: one fix usually serves a whole group. The cause "contact" stands for the
contacts' own address or fields, "operator" for what only a person can decide.`,
		Example: "  starter errors summary\n  starter errors summary --campaign q4-outreach -o json",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			groups, err := s.operator.ErrorGroups(command.Context(), key)
			if err != nil {
				return err
			}
			headers := []string{">Contacts", "Campaign", "Code", "Cause", ">For"}
			wide := s.Width == 0 || s.Width >= 100 // narrower, the fixes would be columns of single words
			if wide {
				headers = append(headers, "How to fix")
			}
			t := print.NewTable(headers...)
			for _, group := range groups {
				cause := string(group.Cause)
				if address, ok := group.Cause.Account(); ok {
					cause = address
				}
				row := []any{group.Count, group.Campaign, group.Code, cause, print.Age(time.Since(group.Oldest))}
				if wide {
					row = append(row, group.HowToFix)
				}
				t.Add(row...)
			}
			if len(groups) == 0 && s.format == formatTable {
				s.sayf("Nobody is in error.")
				return nil
			}
			return s.show(groups, t)
		},
	}
	command.Flags().StringVar(&key, "campaign", "", "only in the campaign with this `key`")
	return command
}

func newErrorsCodes(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "codes", Short: "Explain every code that a contact can be in error with",
		Example: "  starter errors codes\n  starter errors codes -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t := print.NewTable(">#", "Code", "What it means", "How to fix", "Goes on when")
			for _, entry := range failure.Catalogue() {
				t.Add(entry.Number, entry.Code, entry.Description, entry.HowToFix, entry.ParksUntil)
			}
			return s.show(failure.Catalogue(), t)
		},
	}
}
