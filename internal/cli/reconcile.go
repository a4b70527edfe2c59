package cli

import (
	"context"
	"errors"
	"strings"
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
		Use: "reconcile", Short: "Compare PostgreSQL with Temporal after one of them was lost or restored, and repair", GroupID: groupDiagnose,
		Long: `Compares the position of every enrollment in PostgreSQL with that of its workflow
in Temporal, and lists the differences. With --apply it repairs them: it starts
lost workflows again at the right step, writes into PostgreSQL what the workflows
know, and repeats signals that never arrived. It sends no message again: one that
may have left while the ledger was not written ends in error as DeliveryUncertain.

Without --apply nothing is changed. It can be run at any time; an enrollment that
moves meanwhile is not reported. After PostgreSQL was restored from a backup, stop
the workers until it is repaired: they would send again what the backup does not
know. --restored-from says which moment the backup is of. When Temporal was
restored or lost as well, give --temporal-restored-from too: neither knows what has
left since then, and every message that may have left becomes DeliveryUncertain.

The command queries the workflows, and is their query worker while it runs: use it
in the version of the workers, and where they have TEMPORAL_DEPLOYMENT_NAME and
TEMPORAL_WORKER_BUILD_ID, with those of the version that is current.
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
	command.Flags().BoolVar(&flags.ended, "ended", false, "only enrollments whose workflow was ended from outside, as starter errors lists them")
	command.MarkFlagsMutuallyExclusive("contact", "ended")
	command.Flags().BoolVar(&flags.apply, "apply", false, "repair what differs")
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
	var contacts []int64 // nil is every contact
	if flags.contacts != nil {
		if contacts, err = s.operator.ContactIDs(ctx, flags.contacts...); err != nil {
			return hint(err, hintOr(err, "starter contacts list"))
		}
		if len(contacts) == 0 {
			return usagef("--contact is empty; expected ids or addresses of contacts")
		}
	}
	comparing, repairing := s.bar("comparing"), s.bar("repairing")
	if flags.apply {
		s.interrupted = "what has been repaired stays repaired; run the same command again, and it goes on"
	}
	report, err := s.operator.Reconcile(ctx, operator.ReconcileOptions{
		Campaign: flags.campaign, Contacts: contacts, Ended: flags.ended, Restored: restored, TemporalRestored: temporalRestored, Apply: flags.apply,
		Comparing: comparing.Set, Repairing: func(done, total int) { comparing.End(); repairing.Set(done, total) },
		Say: func(why string) { s.warnf("%s", why) },
	})
	comparing.End()
	repairing.End()
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

// parseMoment reads a time of the past: RFC 3339, or as print.Moment writes it.
func parseMoment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "T", 1))
	switch {
	case err != nil:
		return at, usagef("--%s is %q; expected a moment like %s", flag, text, time.Now().UTC().Format(time.RFC3339))
	case at.After(time.Now()):
		return at, usagef("--%s is %q, which is still to come", flag, text)
	}
	return at, nil
}
