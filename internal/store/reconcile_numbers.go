package store

import (
	"context"
	"time"

	"relance/internal/campaign"
)

// Numbers are the highest numbers that this database has given out to facts,
// contacts and enrollments.
func (s *Store) Numbers(ctx context.Context) (campaign.Numbers, error) {
	var n campaign.Numbers
	err := s.pool.QueryRow(ctx, `
		SELECT (SELECT last_value - (NOT is_called)::int FROM fact_seq),
		       (SELECT last_value - (NOT is_called)::int FROM contacts_id_seq),
		       (SELECT last_value - (NOT is_called)::int FROM enrollments_id_seq)`).
		Scan(&n.Fact, &n.Contact, &n.Enrollment)
	return n, err
}

// RaiseNumbers sees to it that no number up to these is given out again. A
// database that was restored from a backup would: a workflow would then take a
// new fix for one that it has counted (law 3), a new contact would inherit the
// workflow of a lost one, and a lost enrollment's workflow would send for
// another contact.
func (s *Store) RaiseNumbers(ctx context.Context, to campaign.Numbers) error {
	for sequence, number := range map[string]int64{"fact_seq": to.Fact, "contacts_id_seq": to.Contact, "enrollments_id_seq": to.Enrollment} {
		if number == 0 {
			continue
		}
		if _, err := s.pool.Exec(ctx, `SELECT setval($1::regclass, greatest(nextval($1::regclass), $2))`, sequence, number); err != nil {
			return err
		}
	}
	return nil
}

// LastSend is when the ledger last heard of a message; zero when it never did.
// A backup was made after that moment. What a reconciliation has written does
// not count.
func (s *Store) LastSend(ctx context.Context) (time.Time, error) {
	var last *time.Time
	err := s.pool.QueryRow(ctx, `SELECT max(greatest(reserved_at, wire_at, settled_at)) FROM deliveries WHERE assumed_by <> $1`,
		campaign.Reconciler).Scan(&last)
	if err != nil || last == nil {
		return time.Time{}, err
	}
	return *last, nil
}

// Adoptable says why the row of a lost enrollment cannot be made again; empty
// when it can.
func (s *Store) Adoptable(ctx context.Context, lost campaign.Lost) (string, error) {
	var taken, hasCampaign, hasContact bool
	err := s.pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM enrollments WHERE id = $1), EXISTS (SELECT FROM campaigns WHERE key = $2),
		       EXISTS (SELECT FROM contacts WHERE id = $3)`, lost.EnrollmentID, lost.CampaignKey, lost.ContactID).Scan(&taken, &hasCampaign, &hasContact)
	switch {
	case err != nil:
		return "", err
	case !hasCampaign:
		return "the campaign is not in PostgreSQL: apply its workspace file, then reconcile again", nil
	case !hasContact:
		return "the contact is not in PostgreSQL, and an import would give it another id", nil
	case taken:
		return "its number belongs to another enrollment by now", nil
	}
	return "", nil
}
