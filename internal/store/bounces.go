package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Bounce is an address to which nothing is sent any more.
type Bounce struct {
	Address string `json:"address"`
	// Reason is why, Words who says which part of it: a server, or we; nil where nobody knows.
	Reason    string         `json:"reason"`
	Words     *failure.Words `json:"words,omitempty"`
	AddedBy   string         `json:"addedBy"`
	BouncedAt time.Time      `json:"bouncedAt"`
}

var bounceColumns = `address, reason, ` + wordsSQL("", "reason") + ` AS words, added_by, bounced_at`

// Bounces returns the bounced addresses, the latest first.
func (s *Store) Bounces(ctx context.Context) ([]Bounce, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+bounceColumns+` FROM bounces ORDER BY bounced_at DESC, address`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Bounce])
}

// BounceOf returns what is recorded about an address; false when nothing is.
func (s *Store) BounceOf(ctx context.Context, address string) (Bounce, bool, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+bounceColumns+` FROM bounces WHERE address = ANY ($1) ORDER BY address = $2 DESC LIMIT 1`, spellings(address)...)
	if err != nil {
		return Bounce{}, false, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Bounce])
	if err != nil || len(found) == 0 {
		return Bounce{}, false, err
	}
	return found[0], true, nil
}

// AddBounce records an address as bounced, for a person's reason; false when it was recorded before.
func (s *Store) AddBounce(ctx context.Context, address, reason, by string) (bool, error) {
	added := false
	err := s.inTx(ctx, func(tx pgx.Tx) error { // it may be the victim of a delivery that records the same bounce
		tag, err := tx.Exec(ctx, `
			INSERT INTO bounces (address, reason, added_by, words)
			SELECT $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM bounces WHERE address = ANY ($1)) ON CONFLICT DO NOTHING`,
			append(spellings(address), reason, by, keepWords(reason, failure.Ours(reason)))...)
		if added = tag.RowsAffected() > 0; err != nil || !added {
			return err
		}
		whose, err := contactIDAt(ctx, tx, address)
		if err != nil {
			return err
		}
		return Activity{By: by, Kind: DidAdd, Thing: ABounce, Subject: whose}.write(ctx, tx)
	})
	return added, err
}

// RemoveBounce forgets that an address has bounced, and wakes the contacts that
// were parked on it. ErrNotFound when it is not recorded.
func (s *Store) RemoveBounce(ctx context.Context, address, by string) (Change, error) {
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: s.rate}
		return removeBounce(ctx, tx, &change, address, by)
	})
	return change, err
}

func removeBounce(ctx context.Context, tx pgx.Tx, change *Change, address, by string) error {
	all := campaign.Spellings(address)
	address = all[0]
	// Nobody gets this address between the list of its contacts and the commit.
	if err := lockContactWriters(ctx, tx); err != nil {
		return err
	}
	// Law 3: a park holds its contact FOR SHARE while it reads the bounces.
	rows, err := tx.Query(ctx, `SELECT id FROM contacts WHERE email = ANY ($1) ORDER BY id FOR UPDATE`, all)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM bounces WHERE address = ANY ($1)`, all)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return noSuch("bounce", address)
	}
	change.Edits = []Edit{{Field: "bounce", From: address}}
	causes := make([]failure.Cause, len(ids))
	for i, id := range ids {
		causes[i] = failure.ContactEmail(id)
	}
	if err := change.announce(ctx, tx, by, causes...); err != nil {
		return err
	}
	whose, err := contactIDAt(ctx, tx, address)
	if err != nil {
		return err
	}
	return Activity{By: by, Kind: DidRemove, Thing: ABounce, Subject: whose, Count: change.Resuming}.write(ctx, tx)
}

// contactIDAt is the id of the contact that has an address, by which the activity names
// it; empty when there is none.
func contactIDAt(ctx context.Context, tx pgx.Tx, address string) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT coalesce((SELECT id::text FROM contacts WHERE email = ANY ($1) ORDER BY email = $2 DESC, id LIMIT 1), '')`,
		spellings(address)...).Scan(&id)
	return id, err
}
