package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newMailbox(s *session) *cobra.Command {
	return newParent(groupConfigure, "mailbox", "The mailboxes of email accounts, in which answers are read",
		newMailboxList(s), newMailboxShow(s), newMailboxCheck(s))
}

func newMailboxList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the mailboxes that are read, and how far", Args: cobra.NoArgs,
		Example: "  starter mailbox list",
		RunE: func(command *cobra.Command, _ []string) error {
			accounts, err := s.operator.Accounts(command.Context())
			if err != nil {
				return err
			}
			read := operator.MailboxesOf(accounts)
			if len(read) == 0 {
				s.sayf("No mailbox is read; starter email-account reconnect ADDRESS --imap-host HOST has one read.")
				return s.show(read, nil)
			}
			t := print.NewTable("Address", "Status", "Server", "Looked at", ">Wait for a look", "Reason")
			for _, one := range read {
				looked := "–"
				if one.LookedAt != nil {
					looked = print.Moment(*one.LookedAt)
				}
				t.Add(one.Account, strings.ReplaceAll(string(one.Status), "_", " "), serverText(one.Host, one.Port, one.TLS), looked, one.Waiting, print.OrDash(one.Reason))
			}
			return s.show(read, t)
		},
	}
}

func newMailboxShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show ADDRESS", Short: "Show how the mailbox of an email account is read, folder by folder", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(accounts),
		Example:           "  starter mailbox show maya@northwind.example",
		RunE: func(command *cobra.Command, args []string) error {
			mailbox, err := s.operator.MailboxOf(command.Context(), args[0])
			if err != nil {
				return err
			}
			s.sayf("Mailbox of %s: %s", mailbox.Account, mailboxText(mailbox.AccountMailbox))
			t := print.NewTable("Folder", "What it is", ">Read to")
			for _, folder := range mailbox.Read {
				t.Add(folder.Name, print.OrDash(folder.Role), int(folder.ReadTo))
			}
			return s.show(mailbox, t)
		},
	}
}

func newMailboxCheck(s *session) *cobra.Command {
	test := newAccountTest(s)
	test.Use, test.Example = "check ADDRESS", "  starter mailbox check maya@northwind.example"
	test.Short = "Log in at the servers of an email account, its mailbox's as well"
	return test
}
