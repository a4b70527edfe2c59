package cli

import (
	"context"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

type enrollFlags struct {
	all, dryRun, wait bool
	contacts          []string
	file              string
	rate              rateFlag
}

func newEnroll(s *session) *cobra.Command {
	var flags enrollFlags
	command := &cobra.Command{
		Use: "enroll CAMPAIGN", Short: "Enroll contacts in a campaign", GroupID: groupCore,
		Long: `Enrolls contacts in a campaign and has their first steps started. A contact that
is in the campaign already, or has been, is left alone: enrolling twice mails
nobody twice. An id that no contact has refuses the whole.

The enrollments are saved at once; starting them goes on in the background, also
after Ctrl-C, at --rate if there is one (starter background shows how far it
is). A rate that is given later goes for whoever is still to be started.

A file is a CSV file with the ids in its first column, or in a column called id
or contactId. Addresses are understood too; - reads standard input.`,
		Example: `  starter enroll q4-outreach --all --dry-run
  starter enroll q4-outreach --all --rate 300/m --wait=false
  starter enroll q4-outreach --contacts 1,2,3
  starter enroll q4-outreach --file ids.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			given := 0
			for _, name := range []string{"all", "contacts", "file"} {
				if command.Flags().Changed(name) {
					given++
				}
			}
			if given != 1 {
				return usagef("say whom to enroll in %s: one of --all, --contacts 1,2,3 and --file ids.csv", args[0])
			}
			return s.enroll(command.Context(), args[0], flags)
		},
	}
	command.Flags().BoolVar(&flags.all, "all", false, "enroll every contact")
	command.Flags().StringSliceVar(&flags.contacts, "contacts", nil, "enroll these contacts (`ids` or addresses, with commas)")
	command.Flags().StringVar(&flags.file, "file", "", "enroll the contacts that this CSV `file` lists")
	command.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be done and do nothing")
	command.Flags().BoolVar(&flags.wait, "wait", true, "wait until every enrollment has been started")
	flags.rate.flag(command, "start")
	return command
}

func (s *session) enroll(ctx context.Context, key string, flags enrollFlags) error {
	ids, err := s.enrollees(ctx, flags)
	if err != nil {
		return err
	}
	out, err := s.operator.Enroll(ctx, key, ids, operator.How{DryRun: flags.dryRun, Rate: flags.rate.value})
	if out.Request != 0 {
		s.interrupted = "the enrollments are saved; starting them goes on in the background (starter background)"
	}
	if err != nil {
		return hint(err, hintOr(err, "starter contacts list"))
	}
	would := "Enrolled"
	if flags.dryRun {
		would = "Dry run: would enroll"
	}
	s.sayf("%s %s in %s%s; %d enrolled already.", would, print.Plural(out.Enrolled.Enrolled, "contact"), key,
		atRate(flags.rate.limit(), out.Enrolled.Enrolled), out.Already)
	if out.Unstarted > 0 {
		if out.Unstarted, err = s.followStarts(ctx, out, flags); err != nil {
			return err
		}
	}
	return s.show(out, nil)
}

// enrollees are the ids that the flags name; nil means every contact.
func (s *session) enrollees(ctx context.Context, flags enrollFlags) ([]int64, error) {
	if flags.all {
		return nil, nil
	}
	texts := flags.contacts
	if flags.file != "" {
		var err error
		if texts, err = s.readIDs(flags.file); err != nil {
			return nil, err
		}
	}
	ids, err := s.operator.ContactIDs(ctx, texts...)
	if err == nil && len(ids) == 0 {
		return nil, usagef("no contact is named")
	}
	return ids, err
}

// followStarts says how the workflows are started, and returns how many are
// left to the background.
func (s *session) followStarts(ctx context.Context, of operator.Enrolled, flags enrollFlags) (int, error) {
	if of.Delayed != nil {
		return of.Unstarted, s.delayed(ctx, of.Delayed, "the enrollments will be started")
	}
	if !flags.wait {
		s.sayBackground(of.Unstarted, flags.rate.limit())
		return of.Unstarted, nil
	}
	bar := s.bar("starting")
	left, err := s.operator.FollowStarts(ctx, of, bar.Set)
	bar.End()
	if err == nil && left > 0 {
		s.warnf("%s not started yet; that goes on in the background, as long as a worker runs", print.Plural(left, "enrollment"))
	}
	return left, err
}
