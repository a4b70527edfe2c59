package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Hold keeps every email from a contact until a time.
type Hold struct {
	Until time.Time `json:"until"`
	// Words are those of the answer that has decided, or why somebody has to look at it.
	Words string    `json:"words"`
	Since time.Time `json:"since"`
	By    string    `json:"by"`
	// Inbound is the message that holds the contact; 0 when none does.
	Inbound int64 `json:"inbound,omitempty"`
	// Version differs after each change, for Release.
	Version int64 `json:"-"`
}

// holdVersionSQL is the version of a hold.
const holdVersionSQL = `(extract(epoch FROM since) * 1000000)::bigint`

// HoldOf is what keeps emails from a contact now; nil when nothing does.
func (s *Store) HoldOf(ctx context.Context, contactID int64) (*Hold, error) {
	return holdOf(ctx, s.pool, contactID)
}

func holdOf(ctx context.Context, db querier, contactID int64) (*Hold, error) {
	rows, err := db.Query(ctx, `
		SELECT until, words, since, by, coalesce(inbound_id, 0) AS inbound, `+holdVersionSQL+` AS version
		  FROM contact_holds WHERE contact_id = $1 AND until > clock_timestamp()`, contactID)
	if err != nil {
		return nil, mapError(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[Hold])
	if err != nil || len(found) == 0 {
		return nil, mapError(err)
	}
	return found[0], nil
}

// sawHold is a Stale when another hold than the one that was seen keeps emails from the contact.
// The contact's enrollments are locked.
func sawHold(ctx context.Context, tx pgx.Tx, contactID, seen int64) error {
	if seen == 0 {
		return nil
	}
	now, err := holdOf(ctx, tx, contactID)
	if err != nil || now == nil || now.Version == seen {
		return err
	}
	return &Stale{Text: fmt.Sprintf("another answer holds contact %d since", contactID), By: now.By, At: now.Since}
}
