package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"relance/internal/operator"
)

func newTestSend(s *session) *cobra.Command {
	var step, to string
	command := &cobra.Command{
		Use: "test-send CAMPAIGN [STEP] CONTACT", Short: "Send yourself a message as a contact would get it", GroupID: groupDiagnose,
		ValidArgsFunction: func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return s.completes(campaigns, stepsAndContacts(args), contacts)(command, args, typed)
		},
		Long: `Sends an email of a campaign as a contact would get it, enrolled or not, with the
campaign's sender, to another address: to the campaign's owner unless --to names
one. Its subject begins with [Test], and it has the header X-Relance-Test: true.
CONTACT is an id or an email address; a contact itself gets no test.

It is no delivery: nothing is counted, no credit is spent, and the contact goes on as
before. But the sender keeps its pace: when it rests, is outside its hours, has sent
the emails of its day or has just sent one, the test is refused, with the moment at
which it may send again. The campaign's window does not count.`,
		Example: `  starter test-send q4-outreach 17
  starter test-send q4-outreach follow-up ana@contoso.example --to me@northwind.example`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			if len(args) == 3 {
				if step != "" && step != args[1] {
					return usagef("give the step %s or --step %s, not both", args[1], step)
				}
				step = args[1]
			}
			id, err := s.operator.ContactID(ctx, args[len(args)-1])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			sent, err := s.operator.TestSend(ctx, args[0], id, step, to)
			var failed *operator.TestNotSent
			switch {
			case errors.As(err, &failed) && failed.AtFault:
				return hint(err, "starter email-account reconnect "+failed.Account)
			case err != nil:
				return err
			}
			s.sayf("Sent %s of %s as contact %d would get it from %s to %s: %s", sent.StepID, sent.Campaign, sent.ContactID, sent.From, sent.To, sent.Reply)
			return s.show(sent, nil)
		},
	}
	command.Flags().StringVar(&step, "step", "", "the email with this `id`, in place of STEP; the first when neither is given")
	command.Flags().StringVar(&to, "to", "", "the `address` that gets it; the campaign's owner when not given")
	_ = command.RegisterFlagCompletionFunc("step", func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return s.list(command.Context(), stepsOf(args), typed)
	})
	return command
}
