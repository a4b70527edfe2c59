package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// CampaignKeys lists the keys of all campaigns.
func (s *Store) CampaignKeys(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT key FROM campaigns ORDER BY key`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// FieldNames lists the custom fields that some contact has a value in; anyContact is
// false when there are no contacts at all. It reads every contact once: of
// 100,000 with fifteen fields each, that takes a second.
func (s *Store) FieldNames(ctx context.Context) (names []string, anyContact bool, err error) {
	err = s.pool.QueryRow(ctx, `
		SELECT array(SELECT DISTINCT f.key FROM contacts c, jsonb_each_text(c.fields) AS f WHERE f.value <> ''), EXISTS (SELECT FROM contacts)`).
		Scan(&names, &anyContact)
	return names, anyContact, err
}

// ContactIDsAt finds the contacts with these addresses, in whatever spelling. An
// address that no contact has is not in the answer.
func (s *Store) ContactIDsAt(ctx context.Context, addresses []string) (map[string]int64, error) {
	asked, all := map[string][]string{}, []string{}
	for _, address := range addresses {
		for _, spelling := range campaign.Spellings(address) {
			asked[spelling] = append(asked[spelling], address)
			all = append(all, spelling)
		}
	}
	rows, err := s.pool.Query(ctx, `SELECT email, id FROM contacts WHERE email = ANY ($1) AND email <> '' ORDER BY id DESC`, all)
	if err != nil {
		return nil, err
	}
	ids := map[string]int64{}
	var email string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&email, &id}, func() error {
		for _, address := range asked[email] {
			ids[address] = id
		}
		return nil
	})
	return ids, err
}

// CheckContacts returns an ErrNotFound that names the ids that no contact has.
func (s *Store) CheckContacts(ctx context.Context, ids []int64) error {
	return contactsExist(ctx, s.pool, ids)
}

// ContactIDsOf lists the contacts that are known by a record id, of one source or of any
// when source is empty, by id.
func (s *Store) ContactIDsOf(ctx context.Context, recordID, source string) ([]int64, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT contact_id FROM contact_sources WHERE record_id = $1 AND ($2 = '' OR source = $2)
		 UNION SELECT id FROM contacts WHERE record_id <> '' AND record_id = $1 AND $2 = '' ORDER BY 1`, indexable(recordID), indexable(source))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
