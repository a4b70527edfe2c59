package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newEmailAccount(s *session) *cobra.Command {
	return newParent(groupConfigure, "email-account", "The addresses that campaigns send with",
		newAccountList(s), newAccountAdd(s), newAccountReconnect(s), newAccountTest(s), newAccountRemove(s))
}

// accountLine is one line of email-account list.
type accountLine struct {
	Address      string                 `json:"address"`
	Name         string                 `json:"name"`
	Status       campaign.AccountStatus `json:"status"`
	Reason       string                 `json:"reason"`
	RestingUntil *time.Time             `json:"restingUntil"`
	Host         string                 `json:"host"`
	Port         int                    `json:"port"`
	TLS          campaign.TLS           `json:"tls"`
	Username     string                 `json:"username"`
	Campaigns    []string               `json:"campaigns"`
	// The contacts that are in error because of it.
	freed
}

func newAccountList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the email accounts and whether they can send", Args: cobra.NoArgs,
		Example: "  starter email-account list",
		RunE: func(command *cobra.Command, _ []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			accounts, err := db.EmailAccounts(command.Context())
			if err != nil {
				return err
			}
			lines := []accountLine{}
			t := newTable("Address", "Status", "Server", "Campaigns", ">In error", "Reason")
			for _, account := range accounts {
				line := accountLine{
					Address: account.Address, Name: account.Name, Status: account.Status, Reason: account.Reason,
					Host: account.SMTP.Host, Port: account.SMTP.Port, TLS: account.SMTP.TLS, Username: account.SMTP.Username,
					Campaigns: list(account.Campaigns), freed: freeing(account.Resuming),
				}
				status := statusText(account.Status)
				if account.RestReason != "" {
					line.RestingUntil, line.Reason = &account.RestingUntil, account.RestReason
					status += ", resting until " + account.RestingUntil.Local().Format(time.DateTime)
				}
				lines = append(lines, line)
				t.add(line.Address, status, serverText(account.SMTP), orDash(strings.Join(line.Campaigns, ", ")), line.Resuming, orDash(line.Reason))
			}
			if len(lines) == 0 {
				s.sayf("There is no email account yet; starter email-account add ADDRESS makes one.")
				return s.show(lines, nil)
			}
			return s.show(lines, t)
		},
	}
}

func serverText(smtp campaign.SMTP) string {
	return fmt.Sprintf("%s:%d %s", smtp.Host, smtp.Port, smtp.TLS)
}

func newAccountRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "remove ADDRESS", Short: "Send no more with an email account", Args: cobra.ExactArgs(1),
		Long: `Removes an email account: contacts of its campaigns are put in error at their next
email. Its settings and its sealed password are kept, so that the account can be
added again with starter email-account add.`,
		Example: "  starter email-account remove maya@northwind.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			address := campaign.Spellings(args[0])[0]
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			change, err := db.RemoveAccount(ctx, address)
			if errors.Is(err, store.ErrNotFound) {
				return noSuchAccount(ctx, db, address)
			}
			if err != nil {
				return err
			}
			return s.changedTo(ctx, address, change)
		},
	}
}

// noSuchAccount lists the accounts that there are.
func noSuchAccount(ctx context.Context, db *store.Store, address string) error {
	accounts, err := db.EmailAccounts(ctx)
	if err != nil {
		return err
	}
	addresses := []string{}
	for _, account := range accounts {
		addresses = append(addresses, account.Address)
	}
	return hint(noSuch("email account", address, addresses), "starter email-account list")
}
