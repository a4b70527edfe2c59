package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relance/internal/cli/print"
	"relance/internal/operator"
)

type enrollFlags struct {
	all, dryRun, wait bool
	goOn              bool // --continue
	again, yes        bool
	contacts          []string
	file              string
	where             *string // nil: no condition
	most              int
	at                string
	reading           contactFileFlags
	rate              rateFlag
}

func newEnroll(s *session) *cobra.Command {
	var flags enrollFlags
	var where string
	command := &cobra.Command{
		Use: "enroll CAMPAIGN", Short: "Enroll contacts in a campaign", GroupID: groupCore,
		ValidArgsFunction: s.completes(campaigns),
		Long: `Enrolls contacts in a campaign and has their first steps started. A contact that
is in the campaign already, or has been, is left alone: enrolling twice mails
nobody twice. So is one to whose address nothing is sent (starter suppress). An id that no contact has refuses the whole request.

The enrollments are saved at once; starting them goes on in the background, also
after Ctrl-C, at --rate if there is one (starter background shows how far it
is). A rate that is given later applies to the enrollments still to be started.

A file is what contacts import reads, and is read by the same rules: a row is the
contact with its record id, address, or name, company and phone. A number of
another product is never taken for one of ours. Ours are understood in a list of
ids and addresses alone, one a line and without a header, and in a column called
"Relance ID" (or contactId, as our JSON spells it); the name and address beside it
must be the contact's. A row that is not one contact refuses the whole; - reads
standard input.

--where takes every contact for which a condition holds. It is written as in {% if %} of
a template (docs/templates.md), with its types: company = "Northwind",
field.tag contains "lead", employees > 50, phone != blank, joined by and or by or, with
brackets where both stand. A contact whose value cannot be compared is left out and named.

--dry-run also says who would be in error at once, and why: what a worker would ask before
their first message is asked of each (not with --continue). And when the others would be mailed: when the last of
their first emails leaves, what limits it, and what they do to the other campaigns of the
same email account.

--continue takes on those who had completed the campaign when a step was added behind what
they have had: they get what comes after it, and nothing that they have had. Who was
disenrolled stays so; who has answered since, or is on the suppression list, is left out.

--again takes those through the campaign once more, from its first step, who have completed
it or were disenrolled: they get again what they have had of it, in a new thread. It asks
first, or takes --yes. Who has replied, has left or has unsubscribed, and who has a message
of which nobody knows whether it was sent, is left out unless --contacts names them; the
suppression list holds in any case. A reply leaves nobody out of a campaign that goes on
after one (on_reply: continue).

--at begins later: at an instant as 2026-12-01T09:00:00+01:00, or "2026-12-01 09:00" in the
workspace's zone, and within a minute of it. They are enrolled at once, and wait; starter
background NUMBER --stop takes them out before that. They are disenrolled then, also who
had completed the campaign before: another time is for --again, with the same contacts.

--limit takes the first so many: of those who are not in the campaign yet, by their number,
and with --continue or --again of those that these take. Typed again, it goes on with the
next ones.

` + contactFileHelp,
		Example: `  starter enroll q4-outreach --all --dry-run
  starter enroll q4-outreach --all --rate 300/m --wait=false
  starter enroll q4-outreach --where 'company = "Northwind" and field.tag contains "lead"' --dry-run
  starter enroll q4-outreach --where 'country = "BE" and employees > 50' --limit 200
  starter enroll q4-outreach --contacts 1,2,3
  starter enroll q4-outreach --all --at "2030-12-02 09:00"
  starter enroll q4-outreach --again --where 'country = "BE"' --dry-run
  starter enroll q4-outreach --file hubspot.csv --dry-run`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			given := 0
			for _, name := range []string{"all", "contacts", "file", "where"} {
				if command.Flags().Changed(name) {
					given++
				}
			}
			if flags.goOn && given == 0 {
				flags.all, given = true, 1
			}
			if given != 1 {
				return usagef("name the contacts to enroll in %s: one of --all, --where CONDITION, --contacts 1,2,3 and --file ids.csv", args[0])
			}
			if command.Flags().Changed("where") {
				flags.where = &where
			}
			if flags.goOn && flags.at != "" {
				return usagef("--continue takes on at once those who had completed; expected it without --at")
			}
			if flags.again && flags.goOn {
				return usagef("--continue goes on behind what they have had, --again begins anew; expected one of them")
			}
			if flags.yes && !flags.again {
				return usagef("--yes answers the question of --again; expected --again with it")
			}
			if command.Flags().Changed("at") && strings.TrimSpace(flags.at) == "" { // an empty variable of a script is no wish to begin at once
				return usagef(`--at is empty; expected a time as 2026-12-01T09:00:00+01:00, or in the workspace's zone as "2026-12-01 09:00"`)
			}
			if command.Flags().Changed("limit") && flags.most < 1 {
				return usagef("--limit is %d; expected how many contacts to enroll at most, at least 1", flags.most)
			}
			for _, name := range []string{"map", "encoding", "source", "header-line"} {
				if command.Flags().Changed(name) && flags.file == "" {
					return usagef("--%s says how a file is read; expected --file with it", name)
				}
			}
			return s.enroll(command.Context(), args[0], flags)
		},
	}
	command.Flags().BoolVar(&flags.all, "all", false, "enroll every contact")
	command.Flags().StringSliceVar(&flags.contacts, "contacts", nil, "enroll these contacts (`ids` or addresses, with commas)")
	command.Flags().StringVar(&flags.file, "file", "", "enroll the contacts that this CSV `file` lists")
	command.Flags().BoolVar(&flags.goOn, "continue", false, "take on those who had completed the campaign when a step was added; all of them, or those that are named")
	command.Flags().BoolVar(&flags.again, "again", false, "take those through the campaign once more who have completed it or were disenrolled")
	command.Flags().BoolVar(&flags.yes, "yes", false, "with --again: without asking")
	command.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would be done and do nothing")
	command.Flags().BoolVar(&flags.wait, "wait", true, "wait until every enrollment has been started")
	command.Flags().StringVar(&where, "where", "", "enroll the contacts for which this `condition` holds")
	command.Flags().IntVar(&flags.most, "limit", 0, "take at most this `number` of those who are to be enrolled")
	command.Flags().StringVar(&flags.at, "at", "", "begin at this `time`, and not at once")
	flags.reading.flags(command)
	flags.rate.flag(command, "start")
	return command
}

func (s *session) enroll(ctx context.Context, key string, flags enrollFlags) error {
	chosen, err := s.chosen(ctx, flags)
	if err != nil {
		return err
	}
	named := operator.Enrollees{IDs: chosen.IDs}
	if flags.where == nil {
		if named, err = s.enrollees(ctx, flags); err != nil {
			return err
		}
	}
	how := operator.How{DryRun: flags.dryRun, Rate: flags.rate.value, Most: flags.most}
	if flags.at != "" {
		if how.At, err = s.operator.EnrollTime(ctx, flags.at); err != nil {
			return err
		}
	}
	enroll := s.operator.Enroll
	var not *operator.NotAgain
	switch {
	case flags.goOn:
		enroll = s.operator.Continue
	case flags.again:
		how.Named, not = len(flags.contacts) > 0, &operator.NotAgain{}
		enroll = func(ctx context.Context, key string, ids []int64, how operator.How) (out operator.Enrolled, err error) {
			out, *not, err = s.operator.EnrollAgain(ctx, key, ids, how)
			return out, err
		}
		if !flags.dryRun && !flags.yes {
			if err := s.confirmAgain(ctx, key, named.IDs, how); err != nil {
				return err
			}
		}
	}
	out, err := enroll(ctx, key, named.IDs, how)
	if out.Request != 0 {
		s.interrupted = "the enrollments are saved; starting them goes on in the background (starter background)"
	}
	if err != nil {
		return hint(err, hintOr(err, "starter contacts list"))
	}
	if named.Report != nil {
		s.sayRead(named.Report.FileRead, flags.dryRun)
	}
	would := "Enrolled"
	if flags.dryRun {
		would = "Dry run: would enroll"
	}
	switch {
	case flags.goOn:
		s.sayContinued(key, out, flags)
	case flags.again:
		s.sayAgain(key, out, *not, flags)
	default:
		s.sayf("%s %s in %s%s; %d enrolled already.", would, print.Plural(out.Enrolled.Enrolled, "contact"), key,
			atRate(flags.rate.limit(), out.Enrolled.Enrolled), out.Already)
	}
	if out.At != nil && out.Enrolled.Enrolled > 0 {
		s.sayf("%s at %s%s.", print.Agree(out.Enrolled.Enrolled, either(flags.dryRun, "It would begin", "It begins"), either(flags.dryRun, "They would begin", "They begin")), print.Moment(*out.At), laterNumber(out))
	}
	if out.Suppressed > 0 {
		s.sayf("%s left out: nothing is sent to the address any more (starter suppress list).", print.Plural(out.Suppressed, "contact"))
	}
	if out.Answered > 0 {
		s.sayf("%s left out: the person has answered since.", print.Plural(out.Answered, "contact"))
	}
	if out.Left > 0 {
		s.sayf("%s left out by --limit: the same command takes the next.", print.Plural(out.Left, "contact"))
	}
	s.sayUndecided(chosen)
	if named.Report != nil {
		s.sayProblems(named.Report.Problems)
	}
	found := operator.EnrolledFile{Enrolled: out, EnrolleesReport: named.Report, Undecided: chosen.Undecided, UndecidedCount: chosen.UndecidedCount, Answered: out.Answered, NotAgain: not}
	if flags.dryRun && !flags.goOn {
		if flags.again {
			found.WouldEnroll, err = s.operator.WouldEnrollAgain(ctx, key, out, how)
		} else {
			found.WouldEnroll, err = s.operator.WouldEnroll(ctx, key, named.IDs, how)
		}
		if err != nil {
			return err
		}
		s.sayWouldPark(found.WouldPark)
		s.sayEnrollForecast(key, found.Forecast)
	}
	if out.Unstarted > 0 {
		if out.Unstarted, err = s.followStarts(ctx, out, flags); err != nil {
			return err
		}
	}
	found.Enrolled = out
	return s.show(found, nil)
}

// sayContinued says who goes on after having completed.
func (s *session) sayContinued(key string, out operator.Enrolled, flags enrollFlags) {
	took := "Took on"
	if flags.dryRun {
		took = "Dry run: would take on"
	}
	s.sayf("%s %s in %s%s, who had completed it; %d %s nothing more to come.", took, print.Plural(out.Enrolled.Enrolled, "contact"), key,
		atRate(flags.rate.limit(), out.Enrolled.Enrolled), out.Already, print.Agree(out.Already, "is under way, or has", "are under way, or have"))
}

// laterNumber says how an enrollment that begins later is taken back.
func laterNumber(out operator.Enrolled) string {
	if out.Request == 0 {
		return ""
	}
	return fmt.Sprintf("; starter background %d --stop takes %s out before that", out.Request, print.Agree(out.Enrolled.Enrolled, "it", "them"))
}

// sayWouldPark says who would be in error at once, the largest reason first.
func (s *session) sayWouldPark(reasons []operator.WouldPark) {
	for _, reason := range reasons {
		names := make([]string, len(reason.Contacts))
		for i, one := range reason.Contacts {
			names[i] = fmt.Sprintf("%d %s", one.ContactID, one.ContactName)
		}
		if reason.Count > len(names) {
			names = append(names, "…")
		}
		what := string(reason.Code)
		if reason.Variable != "" {
			what += " (" + reason.Variable + ")"
		}
		s.sayf("%s would be in error at once, at step %s: %s. %s", print.Plural(reason.Count, "contact"), reason.StepID, what, reason.HowToFix)
		s.sayf("  %s", strings.Join(names, ", "))
	}
}

// chosen are the contacts for which a condition holds; none without one.
func (s *session) chosen(ctx context.Context, flags enrollFlags) (operator.Chosen, error) {
	if flags.where == nil {
		return operator.Chosen{}, nil
	}
	return s.operator.ContactsWhere(ctx, *flags.where)
}

// sayUndecided names the contacts for which the condition could not be decided.
func (s *session) sayUndecided(chosen operator.Chosen) {
	if chosen.UndecidedCount == 0 {
		return
	}
	s.warnf("the condition cannot be decided for %s, who are left out", print.Plural(chosen.UndecidedCount, "contact"))
	for _, one := range chosen.Undecided {
		s.sayf("  %d %s: %s", one.ContactID, one.ContactName, one.Reason)
	}
}

// enrollees are the contacts that the flags name; nil ids mean every contact.
func (s *session) enrollees(ctx context.Context, flags enrollFlags) (named operator.Enrollees, err error) {
	switch {
	case flags.all:
		return named, nil
	case flags.file != "":
		named, err = s.enrolleesOf(ctx, flags.file, flags.reading)
	default:
		named.IDs, err = s.operator.ContactIDs(ctx, flags.contacts...)
	}
	if err == nil && len(named.IDs) == 0 {
		return named, usagef("no contact is named")
	}
	return named, err
}

func (s *session) enrolleesOf(ctx context.Context, name string, given contactFileFlags) (operator.Enrollees, error) {
	options, err := given.options()
	if err != nil {
		return operator.Enrollees{}, err
	}
	content, err := s.readFile(name)
	if err != nil {
		return operator.Enrollees{}, err
	}
	named, err := s.operator.Enrollees(ctx, bytes.NewReader(content), options)
	return named, ofFile(name, err)
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
