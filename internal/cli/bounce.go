package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/store"
)

func newBounce(s *session) *cobra.Command {
	return newParent(groupContacts, "bounce", "Addresses that have hard bounced, to which nothing is sent", newBounceList(s), newBounceAdd(s), newBounceRemove(s))
}

func newBounceList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the bounced addresses, the latest first", Args: cobra.NoArgs,
		Example: "  starter bounce list",
		RunE: func(command *cobra.Command, _ []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			bounces, err := db.Bounces(command.Context())
			if err != nil {
				return err
			}
			if len(bounces) == 0 {
				s.sayf("No address has bounced.")
				return s.show(list(bounces), nil)
			}
			t := newTable("Address", "Since", "By", "Reason")
			for _, bounce := range bounces {
				t.add(bounce.Address, bounce.BouncedAt.Local().Format(time.DateTime), orDash(bounce.AddedBy), orDash(bounce.Reason))
			}
			return s.show(bounces, t)
		},
	}
}

func newBounceAdd(s *session) *cobra.Command {
	var reason string
	command := &cobra.Command{
		Use: "add ADDRESS", Short: "Send nothing more to an address", Args: cobra.ExactArgs(1),
		Long: `Records that an address has bounced: contacts with it are put in error at their
next email instead of being mailed.`,
		Example: `  starter bounce add jo@contoso.example --reason "has left the company"`,
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			address, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			added, err := db.AddBounce(ctx, address, reason, s.by())
			if err != nil {
				return err
			}
			change := changed{Changes: []store.Edit{}}
			if added {
				change.Changes = append(change.Changes, store.Edit{Field: "bounce", To: address})
				s.sayf("Nothing is sent to %s any more.", address)
			} else {
				s.sayf("%s: nothing changed; it was recorded as bounced before.", address)
			}
			return s.show(change, nil)
		},
	}
	command.Flags().StringVar(&reason, "reason", "", "why: a `text` for those who read the list")
	return command
}

func newBounceRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "remove ADDRESS", Short: "Send to an address again", Args: cobra.ExactArgs(1),
		Long: `Forgets that an address has bounced. Contacts that were in error because of it
go on at once.`,
		Example: "  starter bounce remove jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			address, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			change, err := db.RemoveBounce(ctx, address, s.by())
			if errors.Is(err, store.ErrNotFound) {
				bounces, listErr := db.Bounces(ctx)
				if listErr != nil {
					return listErr
				}
				addresses := []string{}
				for _, bounce := range bounces {
					addresses = append(addresses, bounce.Address)
				}
				return hint(noSuch("bounced address", address, addresses), "starter bounce list")
			}
			if err != nil {
				return err
			}
			s.sayf("%s may be sent to again.", address)
			if err := s.show(changed{change.Edits, freeing(change.Resuming)}, nil); err != nil {
				return err
			}
			return s.goOn(ctx, change.Resuming, "in error")
		},
	}
}
