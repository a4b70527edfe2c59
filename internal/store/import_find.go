package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Found is the contact that a row of a file is. ID is 0 for nobody.
type Found struct {
	ID int64
	// Other is another contact, the one that has the row's address or, for a row
	// that is nobody, the row's record id; 0 for none.
	Other int64
}

// FindContacts says for each row which contact it is, by the rules of Import,
// and writes nothing.
func (s *Store) FindContacts(ctx context.Context, rows []ImportRow, o ImportOptions) ([]Found, error) {
	var result []Found
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		prepared := prepareRows(rows)
		known, err := knownContacts(ctx, tx, prepared)
		if err != nil {
			return err
		}
		found, strangers := known.match(prepared, o.SourceNamed)
		result = make([]Found, len(rows))
		for i, row := range prepared {
			owner := known.byEmail[row.Contact.Email]
			switch {
			case found[i] == nil && strangers[i] != nil:
				result[i].Other = strangers[i].ID
			case found[i] != nil:
				result[i].ID = found[i].ID
				if owner != nil && owner.ID != found[i].ID {
					result[i].Other = owner.ID
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("finding contacts: %w", err)
	}
	return result, nil
}
