package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newEmailAccount(s *session) *cobra.Command {
	return newParent(groupConfigure, "email-account", "The addresses that campaigns send with",
		newAccountList(s), newAccountAdd(s), newAccountReconnect(s), newAccountConnect(s), newAccountTest(s), newAccountPace(s), newAccountRemove(s))
}

func newAccountList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the email accounts and whether they can send", Args: cobra.NoArgs,
		Example: "  starter email-account list",
		RunE: func(command *cobra.Command, _ []string) error {
			lines, err := s.operator.Accounts(command.Context())
			if err != nil {
				return err
			}
			t := print.NewTable("Address", "Status", "Server", "Campaigns", "Pace", ">Today", ">In line", ">In error", "Reason")
			for _, line := range lines {
				status := statusText(line.Status)
				if line.RestingUntil != nil {
					status += ", resting until " + print.Moment(*line.RestingUntil)
				}
				t.Add(line.Address, status, serverText(line.Host, line.Port, line.TLS), print.OrDash(strings.Join(line.Campaigns, ", ")), print.OrDash(line.Pace.Text()), todayText(line.Today), line.InLine, line.Resuming, print.OrDash(line.Reason))
			}
			if len(lines) == 0 {
				s.sayf("There is no email account yet; starter email-account add ADDRESS makes one.")
				return s.show(lines, nil)
			}
			if err := s.show(lines, t); err != nil {
				return err
			}
			s.sayMailboxes(lines)
			return nil
		},
	}
}

// sayMailboxes says how the accounts' mail is read, a line each.
func (s *session) sayMailboxes(lines []operator.Account) {
	before := "\n"
	for _, line := range lines {
		if line.Mailbox != nil {
			s.sayf("%sMailbox of %s: %s", before, line.Address, mailboxText(*line.Mailbox))
			before = ""
		}
	}
}

func mailboxText(m operator.AccountMailbox) string {
	text := "read since " + print.Moment(m.Since)
	if m.LookedAt != nil {
		text += "; last read to its end at " + print.Moment(*m.LookedAt)
	} else {
		text += "; not read to its end yet"
	}
	if m.Status == operator.MailboxInError {
		text = "cannot be read"
		if m.FailingSince != nil {
			text += " since " + print.Moment(*m.FailingSince)
		}
		text += ": " + m.Reason
	}
	if m.Waiting > 0 {
		text += fmt.Sprintf("; %s %s for a look", print.Plural(m.Waiting, "follow-up"), either(m.Waiting == 1, "waits", "wait"))
	}
	return text
}

// todayText is what an account has used of its day: 388 of 400.
func todayText(day *operator.UsedDay) string {
	if day == nil {
		return print.OrDash("")
	}
	return fmt.Sprintf("%d of %d", day.Used, day.Limit)
}

func serverText(host string, port int, tls campaign.TLS) string {
	return fmt.Sprintf("%s:%d %s", host, port, tls)
}

func newAccountRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "remove ADDRESS", Short: "Send no more with an email account", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Long: `Removes an email account: contacts of its campaigns are put in error at their next
email. Its settings and its sealed password are kept, so that the account can be
added again with starter email-account add.`,
		Example: "  starter email-account remove maya@northwind.example",
		RunE: func(command *cobra.Command, args []string) error {
			change, err := s.operator.RemoveAccount(command.Context(), args[0])
			if err != nil {
				return err
			}
			return s.showChanged(command.Context(), false, campaign.Spellings(args[0])[0], &change)
		},
	}
}
