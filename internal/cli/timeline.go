package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
)

func newTimeline(s *session) *cobra.Command {
	var key string
	command := &cobra.Command{
		Use: "timeline CONTACT", Short: "Show everything that has happened to a contact", GroupID: groupCore,
		ValidArgsFunction: s.completes(contacts),
		Long: `Shows everything that has happened to a contact, oldest first: enrolled, sent,
notified (an SMS to the owner), in_error, resumed, paused, disenrolled, completed,
heard (what an answer or a report has led to); and retrying, the last failure of a step
that is being tried again.
CONTACT is an id or an email address.`,
		Example: "  starter timeline 17\n  starter timeline ana@contoso.example --campaign q4-outreach",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := s.operator.ContactID(ctx, args[0])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			events, err := s.operator.Timeline(ctx, id, key)
			if err != nil {
				return err
			}
			t := print.NewTable("At", "Campaign", "Step", "What", "Text", "By")
			for _, event := range events {
				what := strings.ReplaceAll(event.Kind, "_", " ")
				text := event.Text
				if event.Code != "" {
					text = string(event.Code) + ": " + text
				}
				if event.Version > 1 {
					text = fmt.Sprintf("%s (version %d of the campaign)", text, event.Version)
				}
				t.Add(print.Moment(event.At), event.Campaign, event.StepID, what, text, event.By)
			}
			if len(events) == 0 && s.format == formatTable {
				s.sayf("Nothing has happened to contact %d yet: it is enrolled in no campaign.", id)
				return nil
			}
			return s.show(events, t)
		},
	}
	command.Flags().StringVar(&key, "campaign", "", "only in the campaign with this `key`")
	return command
}
