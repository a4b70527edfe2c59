package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Users returns the team, ordered by key.
func (s *Store) Users(ctx context.Context) ([]campaign.User, error) {
	rows, err := s.pool.Query(ctx, `SELECT key, name, email, phone FROM users ORDER BY key`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.User])
}

// UserEdit changes a user. What is nil stays as it is.
type UserEdit struct {
	Name, Email *string
	// Phone is in E.164 form; empty clears it.
	Phone *string
}

// SetUser changes a user and returns the user as it is now. A new phone number
// wakes the contacts that were parked on the owner's missing one. ErrNotFound
// when there is no such user.
func (s *Store) SetUser(ctx context.Context, key string, edit UserEdit, by string) (campaign.User, Change, error) {
	var user campaign.User
	var change Change
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		change = Change{rate: s.rate}
		before, err := lockUser(ctx, tx, key)
		if err != nil {
			return err
		}
		if edit.Phone != nil {
			if err := s.fresh(ctx, tx, failure.OwnerPhone(key)); err != nil {
				return err
			}
		}
		user = before
		for _, part := range []struct{ to, from *string }{{&user.Name, edit.Name}, {&user.Email, edit.Email}, {&user.Phone, edit.Phone}} {
			if part.from != nil {
				*part.to = *part.from
			}
		}
		causes, err := updateUser(ctx, tx, before, user, &change)
		if err != nil {
			return err
		}
		if err := change.announce(ctx, tx, by, causes...); err != nil {
			return err
		}
		return change.log(ctx, tx, by, DidChange, AUser, key)
	})
	return user, change, err
}

func lockUser(ctx context.Context, tx pgx.Tx, key string) (campaign.User, error) {
	rows, err := tx.Query(ctx, `SELECT key, name, email, phone FROM users WHERE key = $1 FOR NO KEY UPDATE`, key)
	if err != nil {
		return campaign.User{}, err
	}
	user, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[campaign.User])
	return user, named(err, "user", key)
}

// updateUser writes what differs and returns the causes that it may have fixed.
func updateUser(ctx context.Context, tx pgx.Tx, before, after campaign.User, change *Change) ([]failure.Cause, error) {
	change.compare("name", before.Name, after.Name)
	change.compare("email", before.Email, after.Email)
	change.compare("phone", before.Phone, after.Phone)
	if len(change.Edits) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE users SET name = $2, email = $3, phone = $4 WHERE key = $1`,
		after.Key, after.Name, after.Email, after.Phone); err != nil {
		return nil, err
	}
	if before.Phone == after.Phone {
		return nil, nil
	}
	return []failure.Cause{failure.OwnerPhone(after.Key)}, nil
}
