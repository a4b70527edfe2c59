package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// CampaignKeys lists the keys of all campaigns.
func (s *Store) CampaignKeys(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT key FROM campaigns ORDER BY key`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ContactIDsAt finds the contacts with these addresses, in lower case. An
// address that no contact has is not in the answer.
func (s *Store) ContactIDsAt(ctx context.Context, addresses []string) (map[string]int64, error) {
	rows, err := s.pool.Query(ctx, `SELECT email, id FROM contacts WHERE email = ANY ($1) AND email <> ''`, addresses)
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	var address string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&address, &id}, func() error {
		ids[address] = id
		return nil
	})
	return ids, err
}

// CheckContacts returns an ErrNotFound that names the ids that no contact has.
func (s *Store) CheckContacts(ctx context.Context, ids []int64) error {
	return contactsExist(ctx, s.pool, ids)
}
