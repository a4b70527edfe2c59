package cli

import (
	"time"

	"github.com/spf13/cobra"

	"relance/internal/failure"
)

// errorGroup is one line of the summary, as -o json prints it.
type errorGroup struct {
	Campaign string       `json:"campaign"`
	Code     failure.Code `json:"code"`
	Title    string       `json:"title"`
	Cause    string       `json:"cause"`
	Count    int          `json:"count"`
	Oldest   time.Time    `json:"oldest"`
	HowToFix string       `json:"howToFix"`
}

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
			ctx := command.Context()
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			if err := checkCampaign(ctx, db, key); err != nil {
				return err
			}
			groups, err := db.ErrorSummary(ctx, key)
			if err != nil {
				return err
			}
			items := []errorGroup{}
			headers := []string{">Contacts", "Campaign", "Code", "Cause", ">For"}
			wide := s.Width == 0 || s.Width >= 100 // narrower, the fixes would be columns of single words
			if wide {
				headers = append(headers, "How to fix")
			}
			t := newTable(headers...)
			for _, group := range groups {
				entry := group.Code.Entry()
				items = append(items, errorGroup{
					Campaign: group.Campaign, Code: group.Code, Title: entry.Title, Cause: group.Cause,
					Count: group.Count, Oldest: group.Oldest.UTC(), HowToFix: entry.HowToFix,
				})
				cause := group.Cause
				if address, ok := failure.Cause(cause).Account(); ok {
					cause = address
				}
				row := []any{group.Count, group.Campaign, group.Code, cause, age(time.Since(group.Oldest))}
				if wide {
					row = append(row, entry.HowToFix)
				}
				t.add(row...)
			}
			if len(groups) == 0 && s.format == formatTable {
				s.sayf("Nobody is in error.")
				return nil
			}
			return s.show(items, t)
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
			t := newTable(">#", "Code", "What it means", "How to fix", "Goes on when")
			for _, entry := range failure.Catalogue() {
				t.add(entry.Number, entry.Code, entry.Description, entry.HowToFix, entry.ParksUntil)
			}
			return s.show(failure.Catalogue(), t)
		},
	}
}
