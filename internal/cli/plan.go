package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newPlan(s *session) *cobra.Command {
	return newParent(groupConfigure, "plan", "How sending is paid for", newPlanShow(s), newPlanSet(s))
}

func newPlanShow(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the plan and the credits that are left", Args: cobra.NoArgs,
		Example: "  starter plan show",
		RunE: func(command *cobra.Command, _ []string) error {
			plan, err := s.operator.Plan(command.Context())
			if err != nil {
				return err
			}
			switch {
			case !plan.Unlimited:
				s.sayf("The plan is credits: %s left.", print.Plural(int(plan.Credits), "credit"))
			case plan.Credits > 0:
				s.sayf("The plan is unlimited; %s kept for a credit plan.", print.Plural(int(plan.Credits), "credit"))
			default:
				s.sayf("The plan is unlimited.")
			}
			return s.show(plan, nil)
		},
	}
}

func newPlanSet(s *session) *cobra.Command {
	var wait waitFlag
	command := &cobra.Command{
		Use: "set (unlimited | credits [N])", Short: "Move to another plan", Args: cobra.RangeArgs(1, 2), ValidArgs: []string{"unlimited", "credits"},
		Long: `Moves to another plan. On a credit plan every email costs one credit, which is
given back when the email was definitely not accepted; N sets how many are left,
without it those that are left stay. Contacts that were in error for want of
credits go on at once, as many as there are credits, oldest first.`,
		Example: "  starter plan set unlimited\n  starter plan set credits 500",
		RunE: func(command *cobra.Command, args []string) error {
			var count *int64
			switch {
			case args[0] != "unlimited" && args[0] != "credits":
				return usagef("there is no plan %q; expected unlimited or credits", args[0])
			case len(args) == 2 && args[0] == "unlimited":
				return usagef("an unlimited plan has no number of credits; expected starter plan set unlimited")
			case len(args) == 2:
				number, err := operator.ParseCredits(args[1], 0)
				if err != nil {
					return err
				}
				count = &number
			}
			change, err := s.operations(wait).SetPlan(command.Context(), args[0] == "unlimited", count)
			if err != nil {
				return err
			}
			return s.showChanged(command.Context(), wait, "plan", &change)
		},
	}
	wait.fix(command)
	return command
}

func newCredits(s *session) *cobra.Command {
	var wait waitFlag
	var rate rateFlag
	add := &cobra.Command{
		Use: "add N", Short: "Add credits", Args: cobra.ExactArgs(1),
		Long: `Adds N credits, at least one. Contacts that were in error for want of credits
go on at once, as many as there are credits, oldest first. On an unlimited plan
the credits are kept for the day on which it ends.`,
		Example: "  starter credits add 500",
		RunE: func(command *cobra.Command, args []string) error {
			count, err := operator.ParseCredits(args[0], 1)
			if err != nil {
				return err
			}
			return s.addCredits(command.Context(), count, wait, rate)
		},
	}
	wait.fix(add)
	rate.flag(add, "let go on")
	return newParent(groupConfigure, "credits", "The credits of a credit plan", add)
}

func (s *session) addCredits(ctx context.Context, count int64, wait waitFlag, rate rateFlag) error {
	done, err := s.paced(wait, rate).AddCredits(ctx, count)
	if err != nil {
		return err
	}
	s.sayf("Added %s: %d left.", print.Plural(int(count), "credit"), done.Credits)
	if done.Unlimited {
		s.sayf("The plan is unlimited, so they are kept and not used (starter plan set credits).")
	}
	return s.showChange(ctx, wait, changeOf(&done.Effect, &done))
}
