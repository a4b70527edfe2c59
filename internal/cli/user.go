package cli

import (
	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newUser(s *session) *cobra.Command {
	return newParent(groupConfigure, "user", "The people who own campaigns", newUserList(s), newUserSet(s))
}

func newUserList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the users", Args: cobra.NoArgs,
		Example: "  starter user list",
		RunE: func(command *cobra.Command, _ []string) error {
			users, err := s.operator.Users(command.Context())
			if err != nil {
				return err
			}
			if len(users) == 0 {
				s.sayf("There is no user yet; starter apply -f workspace.yaml makes some.")
				return s.show(users, nil)
			}
			t := print.NewTable("Key", "Name", "Email", "Phone")
			for _, user := range users {
				t.Add(user.Key, user.Name, print.OrDash(user.Email), print.OrDash(user.Phone))
			}
			return s.show(users, t)
		},
	}
}

func newUserSet(s *session) *cobra.Command {
	var name, email, phone string
	var wait waitFlag
	command := &cobra.Command{
		Use: "set KEY", Short: "Change a user", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(users),
		Long: `Changes a user; what is not given stays as it is. A phone number is kept in
international form; "" clears it. Contacts that were in error because the owner
of their campaign has no phone number go on at once.`,
		Example: `  starter user set maya --phone "+32 475 00 00 01"
  starter user set maya --phone ""`,
		RunE: func(command *cobra.Command, args []string) error {
			var edit operator.UserEdit
			for flag, part := range map[string]struct {
				to   **string
				from *string
			}{"name": {&edit.Name, &name}, "email": {&edit.Email, &email}, "phone": {&edit.Phone, &phone}} {
				if command.Flags().Changed(flag) {
					*part.to = part.from
				}
			}
			if edit == (operator.UserEdit{}) {
				return usagef("say what to change: --phone, --name or --email")
			}
			change, err := s.operations(wait).SetUser(command.Context(), args[0], edit)
			if err != nil {
				return err
			}
			return s.showChanged(command.Context(), wait, args[0], &change)
		},
	}
	command.Flags().StringVar(&phone, "phone", "", "the phone `number`, with its country (\"\" clears it)")
	command.Flags().StringVar(&name, "name", "", "the `name` of the person")
	command.Flags().StringVar(&email, "email", "", "the email `address` (\"\" clears it)")
	wait.fix(command)
	return command
}
