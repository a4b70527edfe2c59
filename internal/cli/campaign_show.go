package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newCampaignShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show CAMPAIGN", Short: "Show a campaign, its steps, and the contacts at each", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(campaigns),
		Example:           "  starter campaign show q4-outreach",
		RunE: func(command *cobra.Command, args []string) error {
			of, err := s.operator.Campaign(command.Context(), args[0])
			if err != nil {
				return err
			}
			return s.showCampaign(of)
		},
	}
}

func (s *session) showCampaign(of operator.CampaignDetails) error {
	s.sayf("%s (%s), %s\nowner %s, %s\nsends %s\n", of.Name, of.Key, activeText(of.Paused), of.Owner, sendersOf(of), windowText(of.Window))
	t := print.NewTable(">#", "Step", "Kind", "What", ">Reached", ">Sent", "Heard", "Contacts here")
	for i, step := range of.Steps {
		what, here := step.Text, []string{}
		switch {
		case step.Kind == campaign.Wait:
			what = step.Wait
		case step.ReplyTo != "":
			what = "reply to " + step.ReplyTo
		case step.Kind == campaign.Email:
			what = step.Subject
		}
		for _, status := range slices.Sorted(maps.Keys(step.Contacts)) {
			here = append(here, fmt.Sprintf("%d %s", step.Contacts[status], status))
		}
		t.Add(i+1, step.ID, step.Kind, strings.Join(strings.Fields(what), " "), step.Reached, step.Sent, print.OrDash(heardText(step.Heard)), print.OrDash(strings.Join(here, ", ")))
	}
	for _, status := range slices.Sorted(maps.Keys(of.Elsewhere)) {
		s.sayf("%d %s at steps that the campaign has no more", of.Elsewhere[status], status)
	}
	if text := heardText(of.HeardElsewhere); text != "" {
		s.sayf("%s about steps that the campaign has no more, or before its first email", text)
	}
	return s.show(of, t)
}
