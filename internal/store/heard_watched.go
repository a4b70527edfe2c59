package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Folders says how far each folder of a mailbox has been read.
func (s *Store) Folders(ctx context.Context, address string) ([]Cursor, error) {
	folders, err := cursorsOf(ctx, s.pool, address)
	return folders, mapError(err)
}

// AwaitsLook is a contact whose follow-up waits for a look at its sender's mailbox.
type AwaitsLook struct {
	Contact  campaign.Contact
	Campaign string
	// Since is the moment after which the look has to begin.
	Since time.Time
}

// AwaitLooks lists those who wait for a look at a mailbox, limit of them, in the order of the line.
func (s *Store) AwaitLooks(ctx context.Context, address string, limit int) ([]AwaitsLook, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT k.id, k.first_name, k.last_name, k.company, k.email, e.campaign, l.awaits_look
		  FROM line l JOIN enrollments e ON e.id = l.enrollment_id JOIN contacts k ON k.id = e.contact_id
		 WHERE coalesce(l.looks_at, l.account) = $1 AND l.awaits_look IS NOT NULL ORDER BY l.band, l.seq LIMIT $2`, address, limit)
	if err != nil {
		return nil, mapError(err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a AwaitsLook, err error) {
		err = row.Scan(&a.Contact.ID, &a.Contact.FirstName, &a.Contact.LastName, &a.Contact.Company, &a.Contact.Email, &a.Campaign, &a.Since)
		return a, err
	})
}
