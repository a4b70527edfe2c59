package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/store"
)

func newPlan(s *session) *cobra.Command {
	return newParent(groupConfigure, "plan", "How sending is paid for", newPlanShow(s), newPlanSet(s))
}

func newPlanShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the plan and the credits that are left", Args: cobra.NoArgs,
		Example: "  starter plan show",
		RunE: func(command *cobra.Command, _ []string) error {
			db, err := s.Store(command.Context())
			if err != nil {
				return err
			}
			plan, err := db.Plan(command.Context())
			if err != nil {
				return err
			}
			switch {
			case !plan.Unlimited:
				s.sayf("The plan is credits: %s left.", plural(int(plan.Credits), "credit"))
			case plan.Credits > 0:
				s.sayf("The plan is unlimited; %s kept for a credit plan.", plural(int(plan.Credits), "credit"))
			default:
				s.sayf("The plan is unlimited.")
			}
			return s.show(plan, nil)
		},
	}
}

func newPlanSet(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "set (unlimited | credits [N])", Short: "Move to another plan", Args: cobra.RangeArgs(1, 2),
		Long: `Moves to another plan. On a credit plan every email costs one credit, which is
given back when the email was definitely not accepted; N sets how many are left,
without it those that are left stay. Contacts that were in error for want of
credits go on at once, as many as there are credits, oldest first.`,
		Example: "  starter plan set unlimited\n  starter plan set credits 500",
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			var count *int64
			switch {
			case args[0] != "unlimited" && args[0] != "credits":
				return usagef("there is no plan %q; expected unlimited or credits", args[0])
			case len(args) == 2 && args[0] == "unlimited":
				return usagef("an unlimited plan has no number of credits; expected starter plan set unlimited")
			case len(args) == 2:
				number, err := strconv.ParseInt(args[1], 10, 64)
				if err != nil || number < 0 || number > maxCredits {
					return usagef("%q is not a number of credits; expected 0 or more", args[1])
				}
				count = &number
			}
			db, err := s.Store(ctx)
			if err != nil {
				return err
			}
			change, err := db.SetPlan(ctx, args[0] == "unlimited", count, s.by())
			if err != nil {
				return err
			}
			return s.changedTo(ctx, "plan", change)
		},
	}
}

func newCredits(s *session) *cobra.Command {
	add := &cobra.Command{
		Use: "add N", Short: "Add credits", Args: cobra.ExactArgs(1),
		Long: `Adds N credits, at least one. Contacts that were in error for want of credits
go on at once, as many as there are credits, oldest first. On an unlimited plan
the credits are kept for the day on which it ends.`,
		Example: "  starter credits add 500",
		RunE: func(command *cobra.Command, args []string) error {
			count, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || count < 1 || count > maxCredits {
				return usagef("%q is not a number of credits; expected 1 or more", args[0])
			}
			return s.addCredits(command.Context(), count)
		},
	}
	return newParent(groupConfigure, "credits", "The credits of a credit plan", add)
}

// maxCredits keeps a slip of the hand from overflowing the balance.
const maxCredits = 1_000_000_000_000

// credited is what credits add prints with -o json.
type credited struct {
	campaign.Billing
	changed
}

func (s *session) addCredits(ctx context.Context, count int64) error {
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	plan, change, err := db.AddCredits(ctx, count, s.by())
	if err != nil {
		return err
	}
	s.sayf("Added %s: %d left.", plural(int(count), "credit"), plan.Credits)
	if plan.Unlimited {
		s.sayf("The plan is unlimited, so they are kept and not used (starter plan set credits).")
	}
	if err := s.show(credited{plan, changed{list[store.Edit](change.Edits), freeing(change.Resuming)}}, nil); err != nil {
		return err
	}
	return s.goOn(ctx, change.Resuming, "in error")
}
