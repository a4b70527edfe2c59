package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

// campaignShown is what campaign show prints with -o json.
type campaignShown struct {
	campaignLine
	Steps []stepShown `json:"steps"`
}

// stepShown is a step with its texts and who stands at it.
type stepShown struct {
	ID      string        `json:"id"`
	Kind    campaign.Kind `json:"kind"`
	Wait    string        `json:"wait,omitempty"`
	ReplyTo string        `json:"replyTo,omitempty"`
	Subject string        `json:"subject,omitempty"`
	Body    string        `json:"body,omitempty"`
	Text    string        `json:"text,omitempty"`
	// Contacts counts those that stand at the step, by status.
	Contacts map[campaign.Status]int `json:"contacts"`
}

func newCampaignShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show CAMPAIGN", Short: "Show a campaign, its steps, and who stands where", Args: cobra.ExactArgs(1),
		Example: "  starter campaign show q4-outreach",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			if err := checkCampaign(ctx, db, args[0]); err != nil {
				return err
			}
			of, err := db.Campaign(ctx, args[0])
			if err != nil {
				return err
			}
			counts, err := db.StepCounts(ctx, of.Key)
			if err != nil {
				return err
			}
			lines, err := campaignLines(ctx, db)
			if err != nil {
				return err
			}
			for _, line := range lines {
				if line.Key == of.Key {
					return s.showCampaign(line, of.Steps, counts)
				}
			}
			return notFoundf("there is no campaign %s", of.Key)
		},
	}
}

func (s *session) showCampaign(line campaignLine, steps []campaign.Step, counts []store.StepCount) error {
	shown := campaignShown{campaignLine: line}
	s.sayf("%s (%s), %s\nowner %s, sender %s\n", line.Name, line.Key, activeText(line.Paused), line.Owner, senderText(line.Sender, line.SenderStatus))
	t := newTable(">#", "Step", "Kind", "What", "Contacts here")
	for i, step := range steps {
		at := stepShown{ID: step.ID, Kind: step.Kind, ReplyTo: step.ReplyTo, Subject: step.Subject, Body: step.Body, Text: step.Text, Contacts: map[campaign.Status]int{}}
		what, here := step.Text, []string{}
		switch {
		case step.Kind == campaign.Wait:
			at.Wait = waitText(step.Wait)
			what = at.Wait
		case step.ReplyTo != "":
			what = "reply to " + step.ReplyTo
		case step.Kind == campaign.Email:
			what = step.Subject
		}
		for _, count := range counts {
			if count.StepID == step.ID {
				at.Contacts[count.Status] = count.Count
				here = append(here, fmt.Sprintf("%d %s", count.Count, count.Status))
			}
		}
		t.add(i+1, step.ID, step.Kind, strings.Join(strings.Fields(what), " "), orDash(strings.Join(here, ", ")))
		shown.Steps = append(shown.Steps, at)
	}
	shown.Steps = list(shown.Steps)
	return s.show(shown, t)
}

// waitText is a duration as a workspace file writes it: 3d, 12h, 90m, 30s.
func waitText(wait time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if wait >= unit.length && wait%unit.length == 0 {
			return fmt.Sprintf("%d%s", wait/unit.length, unit.name)
		}
	}
	return wait.String()
}
