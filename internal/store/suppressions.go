package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// The reasons of what a person has suppressed; those of what was heard are a campaign.EndedBy.
const (
	SuppressedByHand   = "by_hand"
	SuppressedImported = "imported"
)

// suppressedSQL is true of contact k whose address, or its domain, is suppressed.
const suppressedSQL = `(k.email <> '' AND (k.email IN (SELECT target FROM suppressions) OR split_part(k.email, '@', 2) IN (SELECT target FROM suppressions)))`

// ToSuppress is an address or a domain, as campaign.SuppressionTarget writes it.
type ToSuppress struct {
	Target string
	// Reason is SuppressedByHand or SuppressedImported.
	Reason, Note string
}

// Suppressed is what AddSuppressions has done.
type Suppressed struct {
	// Added counts the targets that are new, Already those that were suppressed before.
	Added   int `json:"added"`
	Already int `json:"already"`
	// Ended counts the enrollments that were ended by it.
	Ended int `json:"ended"`
}

var suppressionColumns = `target, reason, note, ` + wordsSQL("", "note") + ` AS words, by, at`

// Suppressions lists the addresses and domains to which nothing is sent, the latest first.
func (s *Store) Suppressions(ctx context.Context) ([]campaign.Suppression, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+suppressionColumns+` FROM suppressions ORDER BY at DESC, target`)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Suppression])
}

// AddSuppressions has nothing more sent to addresses and domains, and ends the running
// enrollments of the contacts concerned, in one transaction. A contact that is enrolled meanwhile
// is stopped by the claim (law 9), which reads the suppressions.
func (s *Store) AddSuppressions(ctx context.Context, targets []ToSuppress, by string) (Suppressed, error) {
	var done Suppressed
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		done = Suppressed{}
		names := make([]string, len(targets))
		for i, target := range targets {
			names[i] = target.Target
		}
		contacts, err := contactsSuppressedBy(ctx, tx, names)
		if err != nil {
			return err
		}
		// The persons' enrollments come before everything else.
		enrollments, err := lockPerson(ctx, tx, contacts)
		if err != nil {
			return err
		}
		stop := campaign.Stop{By: campaign.Suppressed, Reason: campaign.Suppressed.Sentence()}
		if len(targets) == 1 && targets[0].Note != "" {
			stop.Reason = strings.TrimSuffix(stop.Reason, ".") + ": " + targets[0].Note
		}
		if done.Ended, err = endPerson(ctx, tx, enrollments, stop, by); err != nil {
			return err
		}
		for _, target := range targets {
			news, err := suppress(ctx, tx, target.Target, target.Reason, *failure.Ours(target.Note), by)
			if err != nil {
				return err
			}
			if news {
				done.Added++
			}
		}
		if done.Already = len(targets) - done.Added; done.Added+done.Ended == 0 {
			return nil
		}
		kind, subject := DidImport, ""
		if len(targets) == 1 && targets[0].Reason == SuppressedByHand {
			kind = DidAdd
			if subject, err = suppressionSubject(ctx, tx, names[0]); err != nil {
				return err
			}
		}
		return Activity{By: by, Kind: kind, Thing: ASuppression, Subject: subject, Count: done.Ended}.write(ctx, tx)
	})
	return done, err
}

// RemoveSuppression lets an address or a domain be written to again: who was ended by it stays
// ended. Seen is since when it is, as the person has read, the zero time for any: a Stale when it
// was suppressed anew. ErrNotFound when it is not suppressed.
func (s *Store) RemoveSuppression(ctx context.Context, target string, seen time.Time, by string) (campaign.Suppression, error) {
	var removed campaign.Suppression
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		addresses, domains := campaign.SuppressionSpellings(target)
		rows, err := tx.Query(ctx, `DELETE FROM suppressions WHERE target = ANY ($1) RETURNING `+suppressionColumns, append(addresses, domains...))
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Suppression])
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return noSuch("suppression", target)
		}
		if removed = found[0]; !seen.IsZero() && !removed.At.Equal(seen) {
			return &Stale{Text: target + " has been suppressed anew (" + strings.ReplaceAll(removed.Reason, "_", " ") + ")", By: removed.By, At: removed.At}
		}
		subject, err := suppressionSubject(ctx, tx, target)
		if err != nil {
			return err
		}
		return Activity{By: by, Kind: DidRemove, Thing: ASuppression, Subject: subject}.write(ctx, tx)
	})
	return removed, err
}

// contactsSuppressedBy are the contacts with one of these addresses, or in one of these domains.
func contactsSuppressedBy(ctx context.Context, tx pgx.Tx, targets []string) ([]int64, error) {
	addresses, domains := campaign.SuppressionSpellings(targets...)
	rows, err := tx.Query(ctx, `
		SELECT id FROM contacts WHERE email = ANY ($1) AND email <> ''
		 UNION SELECT id FROM contacts WHERE cardinality($2::text[]) > 0 AND split_part(email, '@', 2) = ANY ($2)
		 ORDER BY id`, addresses, append([]string{}, domains...))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// suppressionSubject is by what the activity names a suppression: a domain, or the id of the
// contact that has the address; empty when nobody has.
func suppressionSubject(ctx context.Context, tx pgx.Tx, target string) (string, error) {
	if !strings.Contains(target, "@") {
		return target, nil
	}
	return contactIDAt(ctx, tx, target)
}
