package cli

import (
	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

// activityPage is how many are asked for at once.
const activityPage = 500

func newActivity(s *session) *cobra.Command {
	var by, on string
	var limit int
	command := &cobra.Command{
		Use: "activity", Short: "Show who did what, when, to how many", GroupID: groupCore, Args: cobra.NoArgs,
		ValidArgsFunction: s.completes(),
		Long: `Shows what people have changed, newest first: here and on the console's pages. It
names things by their keys and contacts by their ids, and holds no values: what
happened to one contact is in starter timeline.

--on names a kind of thing, or one of them: email_account, campaign, contact, user,
plan, bounce, suppression, inbound, background, calendar, workspace; campaign:q4, contact:17.`,
		Example: "  starter activity --limit 20\n  starter activity --by lea@northwind.example --on email_account:maya@northwind.example",
		RunE: func(command *cobra.Command, _ []string) error {
			if limit < 1 {
				return usagef("--limit is %d; expected 1 or more", limit)
			}
			var filter operator.ActivityFilter
			if on != "" {
				var err error
				if filter, err = operator.ParseActivityThing(on); err != nil {
					return err
				}
			}
			filter.By = by
			items := []operator.Activity{}
			for before := int64(0); len(items) < limit; {
				page, err := s.operator.Activities(command.Context(), filter, before, min(limit-len(items), activityPage))
				if err != nil {
					return err
				}
				items = append(items, page.Items...)
				if before = page.Next; before == 0 {
					break
				}
			}
			if len(items) == 0 {
				s.sayf("Nobody has changed anything that this asks for.")
				return s.show(items, nil)
			}
			t := print.NewTable("At", "By", "What", ">Contacts")
			for _, a := range items {
				t.Add(print.Moment(a.At), a.By, operator.ActivityText(a), a.Count)
			}
			return s.show(items, t)
		},
	}
	flags := command.Flags()
	flags.StringVar(&by, "by", "", "only what this `person` did")
	flags.StringVar(&on, "on", "", "only what was done to this `thing`")
	flags.IntVar(&limit, "limit", 100, "at most this `number` of the newest")
	return command
}
