package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/operator"
)

type reconcileFlags struct {
	campaign, restoredFrom, temporalRestoredFrom string
	apply, ended                                 bool
	contacts                                     []string
	limit                                        int
}

func newReconcile(s *session) *cobra.Command {
	var flags reconcileFlags
	command := &cobra.Command{
		Use: "reconcile", Short: "Compare PostgreSQL with Temporal after one of them was lost or restored, and mend", GroupID: groupDiagnose,
		Long: `Compares where PostgreSQL and Temporal say that every enrollment stands, and says
what they differ in. With --apply it mends that: it starts lost workflows again
at the right step, writes into PostgreSQL what the workflows know, and signals
again what was signalled in vain. Nothing is ever sent again by it: what may have been
sent while nobody was writing it down ends in error as DeliveryUncertain.

Without --apply nothing is changed. It can be run at any time; what moves while
it looks is not reported. After PostgreSQL was restored from a backup, workers
must stand still until it is mended: they would send again what the backup does
not know. --restored-from says which moment the backup is of. When Temporal was
restored or lost as well, say that too: what has left since then is known to
neither, and every contact that a message may have reached is put in doubt.

Workflows are asked where they stand, and this command answers for them while it
runs; use it in the version of the workers, and where they have TEMPORAL_DEPLOYMENT_NAME
and TEMPORAL_WORKER_BUILD_ID, with those of the version that is current.
docs/runbook.md has the recipes.

The exit code is 1 when differences are left.`,
		Example: `  starter reconcile
  starter reconcile --apply
  starter reconcile --apply --ended
  starter reconcile --apply --campaign q4-outreach --contact 17
  starter reconcile --restored-from 2026-11-24T09:00:00Z --apply
  starter reconcile --restored-from 2026-11-24T09:00:00Z --temporal-restored-from 2026-11-24T08:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return s.reconcile(command.Context(), flags)
		},
	}
	command.Flags().StringVar(&flags.campaign, "campaign", "", "only in the campaign with this `key`")
	command.Flags().StringSliceVar(&flags.contacts, "contact", nil, "only these contacts (`ids` or addresses)")
	command.Flags().BoolVar(&flags.ended, "ended", false, "only those whose workflow was ended from outside, as starter errors lists them")
	command.MarkFlagsMutuallyExclusive("contact", "ended")
	command.Flags().BoolVar(&flags.apply, "apply", false, "mend what differs")
	command.Flags().StringVar(&flags.restoredFrom, "restored-from", "", "the `moment` of the backup that PostgreSQL was restored from (RFC 3339)")
	command.Flags().StringVar(&flags.temporalRestoredFrom, "temporal-restored-from", "", "the `moment` that Temporal was restored from, or was lost at")
	countVar(command, &flags.limit, "limit", 50, "show at most so many in the table; 0 shows all")
	return command
}

func (s *session) reconcile(ctx context.Context, flags reconcileFlags) error {
	restored, err := parseMoment("restored-from", flags.restoredFrom)
	if err != nil {
		return err
	}
	temporalRestored, err := parseMoment("temporal-restored-from", flags.temporalRestoredFrom)
	if err != nil {
		return err
	}
	var contacts []int64 // nil is everybody
	if flags.contacts != nil {
		if contacts, err = s.operator.ContactIDs(ctx, flags.contacts...); err != nil {
			return hint(err, hintOr(err, "starter contacts list"))
		}
		if len(contacts) == 0 {
			return usagef("--contact is empty; expected ids or addresses of contacts")
		}
	}
	comparing, mending := s.bar("comparing"), s.bar("mending")
	if flags.apply {
		s.interrupted = "what has been mended stays mended; run the same command again, and it goes on"
	}
	report, err := s.operator.Reconcile(ctx, operator.ReconcileOptions{
		Campaign: flags.campaign, Contacts: contacts, Ended: flags.ended, Restored: restored, TemporalRestored: temporalRestored, Apply: flags.apply,
		Comparing: comparing.Set, Mending: func(done, total int) { comparing.End(); mending.Set(done, total) },
		Say: func(why string) { s.warnf("%s", why) },
	})
	comparing.End()
	mending.End()
	if errors.Is(err, operator.ErrNotFound) {
		return hint(err, hintOr(err, "starter contacts list"))
	}
	if err != nil {
		return err
	}
	if err := s.delayed(ctx, report.Delayed, "it will be carried out"); err != nil {
		return err
	}
	return s.showReport(report, flags)
}

// parseMoment reads a time of the past.
func parseMoment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return at, usagef("--%s is %q; expected a moment like %s", flag, text, time.Now().UTC().Format(time.RFC3339))
	case at.After(time.Now()):
		return at, usagef("--%s is %q, which is still to come", flag, text)
	}
	return at, nil
}
