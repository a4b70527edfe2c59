package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Law 9 in the claim: what a person has said is written under the lock of each of the
// person's enrollments (heard_effects.go), which the claim has. A statement after that
// lock sees it. An end needs nothing more: an ended enrollment is claimed by nobody, and
// its claims are taken from it, so that their gates stay shut.

// heardSQL is true of enrollment e when an email must not leave to the person now: the
// person is away, or the address or its domain is suppressed.
const heardSQL = `(@kind = 'email' AND (
	EXISTS (SELECT FROM contact_holds h WHERE h.contact_id = e.contact_id AND h.until > clock_timestamp())
	OR EXISTS (SELECT FROM suppressions s WHERE s.target = ANY (@targets))))`

// admitHeard refuses a claim for a person who is away or suppressed: campaign.ErrNoTurn. The
// caller holds the enrollment's lock.
func admitHeard(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, draft campaign.Draft) error {
	var heard bool
	err := tx.QueryRow(ctx, `SELECT `+heardSQL+` FROM enrollments e WHERE e.id = @enrollment`,
		pgx.NamedArgs{"kind": draft.Kind, "enrollment": attempt.EnrollmentID, "targets": targetsOf(draft)}).Scan(&heard)
	if err == nil && heard {
		return campaign.ErrNoTurn
	}
	return err
}

func targetsOf(draft campaign.Draft) []string {
	if draft.Kind != campaign.Email {
		return nil
	}
	return campaign.SuppressionTargets(draft.Recipient)
}

// suppressedBy finds what suppresses any spelling of an address; empty when nothing does.
func suppressedBy(ctx context.Context, db querier, address string) (target, reason string, err error) {
	rows, err := db.Query(ctx, `SELECT target, reason FROM suppressions WHERE target = ANY ($1) LIMIT 1`, campaign.SuppressionTargets(address))
	if err != nil {
		return "", "", err
	}
	_, err = pgx.ForEachRow(rows, []any{&target, &reason}, func() error { return nil })
	return target, reason, err
}
