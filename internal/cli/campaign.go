package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newCampaign(s *session) *cobra.Command {
	return newParent(groupConfigure, "campaign", "Campaigns: their sender and steps, pause and go on",
		newCampaignList(s), newCampaignShow(s), newCampaignPause(s), newCampaignUnpause(s), newSetSender(s))
}

// campaignLine is one line of campaign list.
type campaignLine struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Owner  string `json:"owner"`
	Sender string `json:"sender"`
	// SenderStatus is connected, in_error or removed; empty without a sender.
	SenderStatus campaign.AccountStatus `json:"senderStatus"`
	Paused       bool                   `json:"paused"`
	Steps        int                    `json:"steps"`
}

func newCampaignList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the campaigns", Args: cobra.NoArgs,
		Example: "  starter campaign list",
		RunE: func(command *cobra.Command, _ []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			lines, err := campaignLines(command.Context(), db)
			if err != nil {
				return err
			}
			if len(lines) == 0 {
				s.sayf("There is no campaign yet; starter apply -f workspace.yaml makes one.")
				return s.show(lines, nil)
			}
			t := newTable("Key", "Name", "Owner", "Sender", "State", ">Steps")
			for _, line := range lines {
				t.add(line.Key, line.Name, line.Owner, senderText(line.Sender, line.SenderStatus), activeText(line.Paused), line.Steps)
			}
			return s.show(lines, t)
		},
	}
}

func campaignLines(ctx context.Context, db *store.Store) ([]campaignLine, error) {
	campaigns, err := db.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := db.EmailAccounts(ctx)
	if err != nil {
		return nil, err
	}
	status := map[string]campaign.AccountStatus{}
	for _, account := range accounts {
		status[account.Address] = account.Status
	}
	lines := []campaignLine{}
	for _, of := range campaigns {
		lines = append(lines, campaignLine{of.Key, of.Name, of.Owner, of.Sender, status[of.Sender], of.Paused, len(of.Steps)})
	}
	return lines, nil
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
	return &cobra.Command{
		Use: "set-sender CAMPAIGN [ADDRESS]", Short: "Select the email account that a campaign sends with", Args: cobra.RangeArgs(1, 2),
		Long: `Selects the email account that a campaign sends with from now on. Contacts that
were in error because of the sender go on at once. Without an address, or with
the word none, the campaign has no sender any more.`,
		Example: `  starter campaign set-sender q4-outreach maya@northwind.example
  starter campaign set-sender q4-outreach none`,
		RunE: func(command *cobra.Command, args []string) error {
			address := ""
			if len(args) == 2 && !strings.EqualFold(args[1], "none") {
				address = campaign.Spellings(args[1])[0]
			}
			return s.setSender(command.Context(), args[0], address)
		},
	}
}

func (s *session) setSender(ctx context.Context, key, address string) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	if err := checkCampaign(ctx, db, key); err != nil {
		return err
	}
	account, change, err := db.SetSender(ctx, key, address, s.by())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return noSuchAccount(ctx, db, address)
	case errors.Is(err, store.ErrRefused):
		return hint(err, "starter email-account add "+address)
	case err != nil:
		return err
	}
	if account != nil && account.Status == campaign.AccountInError {
		s.warnf("%s is in error (%s): contacts of %s stay in error until it is reconnected (starter email-account reconnect %s)",
			address, account.Reason, key, address)
	}
	return s.changedTo(ctx, key, change)
}
