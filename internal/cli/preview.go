package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/campaign"
	"relance/internal/operator"
	"relance/internal/plaintext"
)

func newPreview(s *session) *cobra.Command {
	var step string
	command := &cobra.Command{
		Use: "preview CAMPAIGN CONTACT", Short: "Show a campaign's messages as a contact gets them", GroupID: groupDiagnose,
		ValidArgsFunction: s.completes(campaigns, contacts),
		Long: `Shows the messages of a campaign as a contact gets them, enrolled or not: rendered
and checked as the worker does it now, with all headers, as they go over the wire.
Nothing is sent. Message-ID, date and boundary are examples until the message is
claimed. What would put the contact in error is said on standard error.
CONTACT is an id or an email address.`,
		Example: "  starter preview q4-outreach 17\n  starter preview q4-outreach ana@contoso.example --step intro > intro.eml",
		Args:    cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			id, err := s.operator.ContactID(ctx, args[1])
			if err != nil {
				return hint(err, hintOr(err, "starter contacts list"))
			}
			preview, err := s.operator.Preview(ctx, args[0], id, step)
			if err != nil {
				return err
			}
			return s.showPreview(preview, step != "")
		},
	}
	command.Flags().StringVar(&step, "step", "", "only the step with this `id`, and nothing around it")
	_ = command.RegisterFlagCompletionFunc("step", func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return s.list(command.Context(), stepsOf(args), typed)
	})
	return command
}

// showPreview prints each message after a line that names its step; alone it stands
// as it is, for a file or a mail program.
func (s *session) showPreview(preview operator.Preview, alone bool) error {
	for _, step := range preview.Steps {
		s.warnOf(step)
		if !alone {
			s.sayf("--- %s: %s%s", step.StepID, previewText(step), either(step.Sent, " (has been sent)", ""))
		}
		switch {
		case step.Message != "":
			s.sayf("%s", strings.TrimSuffix(plaintext.Text(step.Message, 0), "\n"))
		case step.Text != "":
			s.sayf("%s", plaintext.Text(step.Text, 0))
		}
	}
	return s.show(preview, nil)
}

// warnOf says what would put the contact in error; with -o json the document has it.
func (s *session) warnOf(step operator.StepPreview) {
	if s.format != formatTable {
		return
	}
	for _, problem := range step.Problems {
		detail := plaintext.Line(problem.Detail, plaintext.Note)
		s.warnf("step %s: %s%s. %s", step.StepID, problem.Title, either(detail == "", "", ": "+strings.TrimSuffix(detail, ".")), problem.HowToFix)
	}
}

func previewText(step operator.StepPreview) string {
	switch step.Kind {
	case campaign.Wait:
		return "wait " + step.Wait
	case campaign.SMS:
		return "SMS to " + either(step.To == "", "nobody", step.To)
	case campaign.Email:
		return "email to " + either(step.To == "", "nobody", step.To)
	}
	return string(step.Kind)
}
