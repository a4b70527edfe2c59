package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// ListMark is a place in a list of addresses, the latest first: the entry that was listed last.
// The zero value is before the first.
type ListMark struct {
	At   time.Time
	Text string
}

// SuppressionsPage lists the suppressed addresses and domains that have the text in them, all
// when it is empty: limit of them from a mark on, the latest first. A short page is the last.
func (s *Store) SuppressionsPage(ctx context.Context, text string, after ListMark, limit int) ([]campaign.Suppression, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+suppressionColumns+` FROM suppressions
		 WHERE ($1 = '' OR strpos(target, lower($1)) > 0) AND ($2::timestamptz IS NULL OR (at, target) < ($2, $3))
		 ORDER BY at DESC, target DESC LIMIT $4`, text, timeOrNull(after.At), after.Text, limit)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Suppression])
}

// BouncesPage is SuppressionsPage of the bounced addresses.
func (s *Store) BouncesPage(ctx context.Context, text string, after ListMark, limit int) ([]Bounce, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+bounceColumns+` FROM bounces
		 WHERE ($1 = '' OR strpos(address, lower($1)) > 0) AND ($2::timestamptz IS NULL OR (bounced_at, address) < ($2, $3))
		 ORDER BY bounced_at DESC, address DESC LIMIT $4`, text, timeOrNull(after.At), after.Text, limit)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Bounce])
}

// SuppressionOf is what keeps emails from an address: of itself, or of its domain; nil when
// nothing does. The address's own comes first.
func (s *Store) SuppressionOf(ctx context.Context, address string) (*campaign.Suppression, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT `+suppressionColumns+` FROM suppressions WHERE target = ANY ($1) ORDER BY strpos(target, '@') DESC, at LIMIT 1`, campaign.SuppressionTargets(address))
	if err != nil {
		return nil, mapError(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[campaign.Suppression])
	if err != nil || len(found) == 0 {
		return nil, mapError(err)
	}
	return found[0], nil
}

// SuppressionsNamed are the entries of one address or domain, in all its spellings.
func (s *Store) SuppressionsNamed(ctx context.Context, target string) ([]campaign.Suppression, error) {
	addresses, domains := campaign.SuppressionSpellings(target)
	rows, err := s.pool.Query(ctx, `SELECT `+suppressionColumns+` FROM suppressions WHERE target = ANY ($1) ORDER BY at`, append(addresses, domains...))
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Suppression])
}

// WouldSuppress is what AddSuppressions would do, and how many it concerns.
type WouldSuppress struct {
	// New are not suppressed yet, Already are.
	New, Already int
	// Contacts have one of the addresses, or one in one of the domains; Enrollments of theirs would end.
	Contacts, Enrollments int
}

// WouldSuppress says what AddSuppressions would do with targets, and changes nothing.
func (s *Store) WouldSuppress(ctx context.Context, targets []string) (would WouldSuppress, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		would = WouldSuppress{}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM suppressions WHERE target = ANY ($1)`, targets).Scan(&would.Already); err != nil {
			return err
		}
		would.New = len(targets) - would.Already
		contacts, err := contactsSuppressedBy(ctx, tx, targets)
		if err != nil {
			return err
		}
		would.Contacts = len(contacts)
		return tx.QueryRow(ctx, `SELECT count(*) FROM enrollments e WHERE e.contact_id = ANY ($1) AND e.`+runningSQL, contacts).Scan(&would.Enrollments)
	})
	return would, err
}

// WouldUnbounce counts the contacts with an address, and their enrollments that are in error
// because it has bounced: those that go on with RemoveBounce.
func (s *Store) WouldUnbounce(ctx context.Context, address string) (contacts, resuming int, err error) {
	err = s.pool.QueryRow(ctx, `
		WITH k AS (SELECT id FROM contacts WHERE email = ANY ($1) AND email <> '')
		SELECT (SELECT count(*) FROM k), (SELECT count(*) FROM enrollments e JOIN k ON k.id = e.contact_id WHERE e.status = 'InError' AND e.code = 'EmailAlreadyBounced')`,
		campaign.Spellings(address)).Scan(&contacts, &resuming)
	return contacts, resuming, mapError(err)
}
