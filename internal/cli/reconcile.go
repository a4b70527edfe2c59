package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"relance/internal/reconcile"
	"relance/internal/store"
)

type reconcileFlags struct {
	campaign, restoredFrom, temporalRestoredFrom string
	apply                                        bool
	limit                                        int
}

func newReconcile(s *session) *cobra.Command {
	var flags reconcileFlags
	command := &cobra.Command{
		Use: "reconcile", Short: "Compare PostgreSQL with Temporal after one of them was lost or restored, and mend", GroupID: groupDiagnose,
		Long: `Compares where PostgreSQL and Temporal say that every enrollment stands, and says
what they differ in. With --apply it mends that: it starts lost workflows again
at the right step, writes into PostgreSQL what the workflows know, and tells
again what was told in vain. Nothing is ever sent again by it: what may have been
sent while nobody was writing it down ends in error as DeliveryUncertain.

Without --apply nothing is changed. It can be run at any time; what moves while
it looks is not reported. After PostgreSQL was restored from a backup, workers
must stand still until it is mended: they would send again what the backup does
not know. --restored-from says which moment the backup is of. When Temporal was
restored or lost as well, say that too: what has left since then is known to
neither, and everyone whom a message may have reached is put in doubt.

Workflows are asked where they stand, and this command answers for them while it
runs; use it in the version of the workers, and where they have TEMPORAL_DEPLOYMENT_NAME
and TEMPORAL_WORKER_BUILD_ID, with those of the version that is current.
docs/runbook.md has the recipes.

The exit code is 1 when differences are left.`,
		Example: `  starter reconcile
  starter reconcile --apply
  starter reconcile --restored-from 2026-11-24T09:00:00Z --apply
  starter reconcile --restored-from 2026-11-24T09:00:00Z --temporal-restored-from 2026-11-24T08:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return s.reconcile(command.Context(), flags)
		},
	}
	command.Flags().StringVar(&flags.campaign, "campaign", "", "only in the campaign with this `key`")
	command.Flags().BoolVar(&flags.apply, "apply", false, "mend what differs")
	command.Flags().StringVar(&flags.restoredFrom, "restored-from", "", "the `moment` of the backup that PostgreSQL was restored from (RFC 3339)")
	command.Flags().StringVar(&flags.temporalRestoredFrom, "temporal-restored-from", "", "the `moment` that Temporal was restored from, or was lost at")
	command.Flags().IntVar(&flags.limit, "limit", 50, "show at most so many in the table; 0 shows all")
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
	db, err := s.Store(ctx)
	if err != nil {
		return err
	}
	if err := checkCampaign(ctx, db, flags.campaign); err != nil {
		return err
	}
	temporal, err := s.Temporal(ctx)
	if err != nil {
		return err
	}
	count, err := db.CountRecords(ctx, flags.campaign)
	if err != nil {
		return err
	}
	shown := s.progress("comparing", count)
	comparison := &reconcile.Comparison{
		Ledger: db, Temporal: temporal, Campaign: flags.campaign, Restored: restored, TemporalRestored: temporalRestored,
		Interval: s.lookAgain, Progress: shown.set, Say: func(why string) { s.warnf("%s", why) },
	}
	report, err := comparison.Look(ctx)
	shown.end()
	if err != nil {
		return refusal(err)
	}
	if !flags.apply || len(report.Differences) == 0 {
		return s.showReport(report, flags)
	}
	s.interrupted = "what has been mended stays mended; run the same command again, and it goes on"
	shown = s.progress("mending", len(report.Differences))
	comparison.Progress = shown.set
	err = comparison.Apply(ctx, report)
	shown.end()
	if err != nil {
		return refusal(err)
	}
	if report.Asked {
		if err := s.wake(ctx); err != nil {
			return err
		}
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

// refusal gives a reconciliation's refusals the exit code of all others.
func refusal(err error) error {
	var refused reconcile.Refused
	if !errors.As(err, &refused) {
		return err
	}
	return &store.Error{Kind: store.ErrRefused, Text: err.Error(), Cause: err}
}
