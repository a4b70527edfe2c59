package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/store"
)

func newUser(s *session) *cobra.Command {
	return newParent(groupConfigure, "user", "The people who own campaigns", newUserList(s), newUserSet(s))
}

func newUserList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the users", Args: cobra.NoArgs,
		Example: "  starter user list",
		RunE: func(command *cobra.Command, _ []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			users, err := db.Users(command.Context())
			if err != nil {
				return err
			}
			if len(users) == 0 {
				s.sayf("There is no user yet; starter apply -f workspace.yaml makes some.")
				return s.show(list(users), nil)
			}
			t := newTable("Key", "Name", "Email", "Phone")
			for _, user := range users {
				t.add(user.Key, user.Name, orDash(user.Email), orDash(user.Phone))
			}
			return s.show(users, t)
		},
	}
}

func newUserSet(s *session) *cobra.Command {
	var name, email, phone string
	command := &cobra.Command{
		Use: "set KEY", Short: "Change a user", Args: cobra.ExactArgs(1),
		Long: `Changes a user; what is not given stays as it is. A phone number is kept in
international form; "" clears it. Contacts that were in error because the owner
of their campaign has no phone number go on at once.`,
		Example: `  starter user set maya --phone "+32 475 00 00 01"
  starter user set maya --phone ""`,
		RunE: func(command *cobra.Command, args []string) error {
			var edit store.UserEdit
			flags := command.Flags()
			if flags.Changed("name") {
				if name = plaintext.Line(name, plaintext.Name); name == "" {
					return usagef("--name is empty; expected the name of the person")
				}
				edit.Name = &name
			}
			if flags.Changed("email") {
				clean, err := parseAddress(email)
				if err != nil && email != "" {
					return err
				}
				edit.Email = &clean
			}
			if flags.Changed("phone") {
				number := ""
				if strings.TrimSpace(phone) != "" {
					var err error
					if number, err = campaign.ParsePhone(phone); err != nil {
						return usagef("%w", err)
					}
				}
				edit.Phone = &number
			}
			if edit == (store.UserEdit{}) {
				return usagef("say what to change: --phone, --name or --email")
			}
			return s.setUser(command.Context(), args[0], edit)
		},
	}
	command.Flags().StringVar(&phone, "phone", "", "the phone `number`, with its country (\"\" clears it)")
	command.Flags().StringVar(&name, "name", "", "the `name` of the person")
	command.Flags().StringVar(&email, "email", "", "the email `address` (\"\" clears it)")
	return command
}

func (s *session) setUser(ctx context.Context, key string, edit store.UserEdit) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	_, change, err := db.SetUser(ctx, key, edit, s.by())
	if errors.Is(err, store.ErrNotFound) {
		users, listErr := db.Users(ctx)
		if listErr != nil {
			return listErr
		}
		keys := []string{}
		for _, user := range users {
			keys = append(keys, user.Key)
		}
		return hint(noSuch("user", key, keys), "starter user list")
	}
	if err != nil {
		return err
	}
	return s.changedTo(ctx, key, change)
}

// parseAddress reads an email address; the error is a wrong call.
func parseAddress(text string) (string, error) {
	clean, err := campaign.ParseAddress(text)
	if err != nil {
		return "", usagef("%w", err)
	}
	return clean, nil
}
