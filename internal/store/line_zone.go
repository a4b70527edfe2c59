package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// zoneLine writes the zones of the recipients into those places l of a line for which the condition holds, where
// a campaign's window goes by them: an attempt that puts one into a line brings it along.
func zoneLine(ctx context.Context, tx pgx.Tx, condition string, of any) error {
	rows, err := tx.Query(ctx, `
		SELECT l.enrollment_id, l.zone, k.fields, k.phone, k.email
		  FROM line l JOIN campaigns c ON c.key = l.campaign JOIN enrollments e ON e.id = l.enrollment_id JOIN contacts k ON k.id = e.contact_id
		 WHERE c.send_window->>'zone' = $2 AND `+condition, of, pace.RecipientZone)
	if err != nil {
		return err
	}
	var ids []int64
	var zones []string
	var id int64
	var zone, phone, email string
	var fields map[string]string
	now := time.Now() // which zones a country has does not depend on the hour
	_, err = pgx.ForEachRow(rows, []any{&id, &zone, &fields, &phone, &email}, func() error {
		if own := pace.RecipientOf(fields, phone, email, now).Zone; own != zone {
			ids, zones = append(ids, id), append(zones, own)
		}
		fields = nil
		return nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE line l SET zone = own.zone FROM unnest($1::bigint[], $2::text[]) AS own (id, zone) WHERE l.enrollment_id = own.id`, ids, zones)
	return err
}
