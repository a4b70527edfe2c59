package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newCampaign(s *session) *cobra.Command {
	return newParent(groupConfigure, "campaign", "Campaigns: their sender and steps, pause and go on",
		newCampaignList(s), newCampaignShow(s), newCampaignPause(s), newCampaignUnpause(s), newSetSender(s), newMoveSender(s))
}

func newCampaignList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the campaigns", Args: cobra.NoArgs,
		Example: "  starter campaign list",
		RunE: func(command *cobra.Command, _ []string) error {
			lines, err := s.operator.Campaigns(command.Context())
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				s.sayf("There is no campaign yet; starter apply -f workspace.yaml makes one.")
				return s.show(lines, nil)
			}
			t := print.NewTable("Key", "Name", "Owner", "Sender", "Window", "State", ">Steps")
			for _, line := range lines {
				t.Add(line.Key, line.Name, line.Owner, sendersText(line), print.OrDash(line.Window.Text()), activeText(line.Paused), line.Steps)
			}
			return s.show(lines, t)
		},
	}
}

// senderText is the address, with what keeps it from sending.
func senderText(sender string, status campaign.AccountStatus) string {
	switch {
	case sender == "":
		return "(none)"
	case status != campaign.AccountConnected:
		return sender + " (" + statusText(status) + ")"
	}
	return sender
}

func statusText(status campaign.AccountStatus) string {
	return strings.ReplaceAll(string(status), "_", " ")
}

func activeText(paused bool) string {
	if paused {
		return "paused"
	}
	return "active"
}

func newSetSender(s *session) *cobra.Command {
	var wait waitFlag
	var rate rateFlag
	command := &cobra.Command{
		Use: "set-sender CAMPAIGN [ADDRESS]", Short: "Select the email account that a campaign sends with", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: s.completes(campaigns, senders),
		Long: `Selects the email account that a campaign sends with from now on. Contacts that
were in error because of the sender go on at once. Without an address, or with
the word none, the campaign has no sender any more. A campaign of several senders
has this one alone after it, also for those that others have mailed; starter campaign
move-sender moves the contacts of one of several to another, and leaves it the rest.`,
		Example: `  starter campaign set-sender q4-outreach maya@northwind.example
  starter campaign set-sender q4-outreach none`,
		RunE: func(command *cobra.Command, args []string) error {
			address := ""
			if len(args) == 2 && !strings.EqualFold(args[1], "none") {
				address = args[1]
			}
			return s.setSender(command.Context(), args[0], address, wait, rate)
		},
	}
	wait.fix(command)
	rate.flag(command, "let go on")
	return command
}

func (s *session) setSender(ctx context.Context, key, address string, wait waitFlag, rate rateFlag) error {
	done, err := s.paced(wait, rate).SetSender(ctx, key, address)
	var removed *operator.AccountIs
	if errors.As(err, &removed) {
		return hint(err, "starter email-account add "+removed.Address)
	}
	if err != nil {
		return err
	}
	if done.Account.Status == campaign.AccountInError {
		s.warnf("%s is in error (%s): contacts of %s stay in error until it is reconnected (starter email-account reconnect %s)",
			done.Account.Address, done.Account.Reason, key, done.Account.Address)
	}
	return s.showChanged(ctx, wait, key, &done.Changed)
}
