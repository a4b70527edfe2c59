package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/store"
)

// enrolled is what enroll prints with -o json.
type enrolled struct {
	Campaign string `json:"campaign"`
	store.Enrolled
	DryRun bool `json:"dryRun"`
	// Unstarted counts those that the background still has to start: of this
	// call, or of the whole campaign when this call has enrolled nobody.
	Unstarted int `json:"unstarted"`
}

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
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	if err := checkCampaign(ctx, db, key); err != nil {
		return err
	}
	ids, err := s.enrollees(ctx, db, flags)
	if err != nil {
		return err
	}
	result, err := db.EnrollAt(ctx, key, ids, s.by(), store.BatchOptions{DryRun: flags.dryRun, Rate: flags.rate.value})
	if err != nil {
		return hint(err, "starter contacts list")
	}
	out := enrolled{Campaign: key, Enrolled: result, DryRun: flags.dryRun}
	would := "Enrolled"
	if flags.dryRun {
		would = "Dry run: would enroll"
	}
	s.sayf("%s %s in %s%s; %d enrolled already.", would, plural(result.Enrolled, "contact"), key,
		atRate(flags.rate.limit(), result.Enrolled), result.Already)
	if !flags.dryRun {
		if out.Unstarted, err = s.startEnrolled(ctx, db, out, flags); err != nil {
			return err
		}
	}
	if s.format == formatTable {
		return nil
	}
	return s.show(out, nil)
}

// enrollees are the ids that the flags name; nil means every contact.
func (s *session) enrollees(ctx context.Context, db *store.Store, flags enrollFlags) ([]int64, error) {
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
	ids, err := contactIDs(ctx, db, texts)
	if err == nil && len(ids) == 0 {
		return nil, usagef("no contact is named")
	}
	return ids, err
}

// startEnrolled has the workflows started, follows that, and returns how many
// are left to the background.
func (s *session) startEnrolled(ctx context.Context, db *store.Store, of enrolled, flags enrollFlags) (int, error) {
	key := of.Campaign
	s.interrupted = "the enrollments are saved; starting them goes on in the background (starter background)"
	left, err := db.CountUnstarted(ctx, key, of.Request)
	if err != nil || left == 0 {
		return left, err
	}
	temporal, err := s.Temporal(ctx)
	if err == nil {
		err = temporal.StartEnrolling(ctx, key, left)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return left, ctx.Err()
	case err != nil:
		s.warnf("saved; the enrollments will be started within a minute of Temporal's return (%v)", err)
		return left, nil
	case !flags.wait:
		s.sayBackground(left, flags.rate.limit())
		return left, nil
	}
	return s.awaitStarted(ctx, db, of, left, s.patienceAt(flags.rate.limit()))
}

// awaitStarted follows until all are started, or nothing has moved for a while.
func (s *session) awaitStarted(ctx context.Context, db *store.Store, of enrolled, total int, patience time.Duration) (int, error) {
	shown := s.progress("starting", total)
	left, moved := total, time.Now()
	err := s.watch(ctx, func() (bool, error) {
		now, err := db.CountUnstarted(ctx, of.Campaign, of.Request)
		if err != nil {
			return true, err
		}
		if now != left {
			left, moved = now, time.Now()
		}
		shown.set(max(0, total-left))
		return left == 0 || time.Since(moved) > patience, nil
	})
	shown.end()
	if err == nil && left > 0 {
		s.warnf("%s not started yet; that goes on in the background, as long as a worker runs", plural(left, "enrollment"))
	}
	return left, err
}
