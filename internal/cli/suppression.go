package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

func newSuppression(s *session) *cobra.Command {
	command := newParent(groupContacts, "suppress", "Addresses and domains to which nothing is sent, as somebody has said so",
		newSuppressionList(s), newSuppressionAdd(s), newSuppressionRemove(s), newSuppressionImport(s), newSuppressionExport(s))
	command.Aliases = []string{"suppression"}
	return command
}

func newSuppressionList(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the suppressed addresses and domains, the latest first", Args: cobra.NoArgs,
		Example: "  starter suppress list",
		RunE: func(command *cobra.Command, _ []string) error {
			suppressions, err := s.operator.Suppressions(command.Context())
			if err != nil {
				return err
			}
			if len(suppressions) == 0 {
				s.sayf("Nothing is suppressed.")
				return s.show(suppressions, nil)
			}
			t := print.NewTable("Target", "Why", "Since", "By", "Note")
			for _, one := range suppressions {
				t.Add(one.Target, strings.ReplaceAll(one.Reason, "_", " "), print.Moment(one.At), print.OrDash(one.By), print.OrDash(one.Note))
			}
			return s.show(suppressions, t)
		},
	}
}

func newSuppressionAdd(s *session) *cobra.Command {
	var note string
	command := &cobra.Command{
		Use: "add TARGET", Short: "Send nothing more to an address or a domain", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(),
		Long: `Sends nothing more to an address, or to every address of a domain (not of its
subdomains). The contacts concerned are taken out of every campaign at once, and
starter enroll leaves them out from now on.`,
		Example: `  starter suppress add jo@contoso.example --note "asked by phone"
  starter suppress add contoso.example`,
		RunE: func(command *cobra.Command, args []string) error {
			done, err := s.operator.AddSuppression(command.Context(), args[0], note)
			if err != nil {
				return err
			}
			if done.Added > 0 {
				s.sayf("Nothing is sent to %s any more.", args[0])
			} else {
				s.sayf("%s was suppressed before.", args[0])
			}
			return s.showSuppressed(command.Context(), done)
		},
	}
	command.Flags().StringVar(&note, "note", "", "why: a `text` that the list shows")
	return command
}

func newSuppressionImport(s *session) *cobra.Command {
	var note string
	command := &cobra.Command{
		Use: "import FILE", Short: "Send nothing more to the addresses and domains of a file", Args: cobra.ExactArgs(1),
		Long: `Suppresses every address and domain of a file: one a line, or a CSV file whose
header names their column (target, email, address, domain …) and perhaps one called
note, as starter suppress export writes it; - reads standard input. A line that is
neither an address nor a domain refuses the whole file.`,
		Example: `  starter suppress import unsubscribed.csv --note "from the old system"
  starter suppress import -`,
		RunE: func(command *cobra.Command, args []string) error {
			content, err := s.readFile(args[0])
			if err != nil {
				return err
			}
			done, err := s.operator.ImportSuppressions(command.Context(), content, note)
			if err != nil {
				return ofFile(args[0], err)
			}
			s.sayf("Suppressed %s; %d were so before.", print.Plural(done.Added, "target"), done.Already)
			return s.showSuppressed(command.Context(), done)
		},
	}
	command.Flags().StringVar(&note, "note", "", "why: a `text` for the lines without one of their own")
	return command
}

// showSuppressed says who was taken out.
func (s *session) showSuppressed(ctx context.Context, done operator.Suppressed) error {
	if done.Ended > 0 {
		s.sayf("%s ended.", print.Plural(done.Ended, "enrollment"))
	}
	if done.Delayed != nil {
		if err := s.delayed(ctx, done.Delayed, "their workflows end"); err != nil {
			return err
		}
	}
	return s.show(done, nil)
}

func newSuppressionRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "remove TARGET", Short: "Let an address or a domain be written to again", Args: cobra.ExactArgs(1),
		ValidArgsFunction: s.completes(suppressions),
		Long: `Lets an address or a domain be written to again. Enrollments that were ended stay
so: starter enroll CAMPAIGN --again --contacts CONTACT begins one once more.`,
		Example: "  starter suppress remove jo@contoso.example",
		RunE: func(command *cobra.Command, args []string) error {
			removed, err := s.operator.RemoveSuppression(command.Context(), args[0], time.Time{})
			if err != nil {
				return err
			}
			s.sayf("%s may be written to again.", removed.Target)
			return s.show(removed, nil)
		},
	}
}

func newSuppressionExport(s *session) *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Print the suppressed addresses and domains as CSV", Args: cobra.NoArgs,
		Long:    "Prints what is suppressed as CSV: target, reason, note, by, at. starter suppress import reads it.",
		Example: "  starter suppress export > suppressed.csv",
		RunE: func(command *cobra.Command, _ []string) error {
			if s.format == formatJSON {
				suppressions, err := s.operator.Suppressions(command.Context())
				if err != nil {
					return err
				}
				return s.show(suppressions, nil)
			}
			return s.operator.WriteSuppressions(command.Context(), func() io.Writer { return s.Stdout })
		},
	}
}
