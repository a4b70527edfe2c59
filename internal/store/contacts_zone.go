package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// rezone has contacts whose zone is another by now wait in line for the hours of that one: who sleeps until a window
// of the zone before is looked at anew (law 7). It comes after every other lock of the transaction:
// account_pace by address, then line.
func rezone(ctx context.Context, tx pgx.Tx, changes []contactChange) error {
	var concerned bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaigns WHERE send_window->>'zone' = $1)`, pace.RecipientZone).Scan(&concerned); err != nil || !concerned {
		return err
	}
	var ids []int64
	var zones []string
	now := time.Now() // which zones a country has does not depend on the hour
	for _, c := range changes {
		before, after := pace.RecipientOf(c.before.Fields, c.before.Phone, c.before.Email, now), pace.RecipientOf(c.after.Fields, c.after.Phone, c.after.Email, now)
		if before.Zone != after.Zone {
			ids, zones = append(ids, c.after.ID), append(zones, after.Zone)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	const inLine = `
		FROM unnest(@contacts::bigint[], @zones::text[]) AS of (contact_id, zone)
		JOIN enrollments e ON e.contact_id = of.contact_id JOIN campaigns c ON c.key = e.campaign AND c.send_window->>'zone' = @recipient
		JOIN line o ON o.enrollment_id = e.id AND o.state IN ('waiting', 'asleep', 'stuck')`
	args := pgx.NamedArgs{"contacts": ids, "zones": zones, "recipient": pace.RecipientZone}
	rows, err := tx.Query(ctx, `
		SELECT address FROM account_pace
		 WHERE address IN (SELECT unnest(CASE WHEN o.account IS NULL THEN c.senders ELSE ARRAY[o.account] END)`+inLine+`)
		 ORDER BY address FOR UPDATE`, args)
	if err != nil {
		return err
	}
	addresses, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(addresses) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT`+inLine+` ORDER BY o.enrollment_id FOR UPDATE OF o`, args); err != nil { // as those who hold and end a person's
		return err
	}
	if _, err := tx.Exec(ctx, `
		UPDATE line l SET zone = moved.zone, not_before = CASE l.state WHEN 'asleep' THEN NULL ELSE l.not_before END, awaits_look = CASE l.state WHEN 'asleep' THEN NULL ELSE l.awaits_look END, state = CASE l.state WHEN 'asleep' THEN 'waiting' ELSE l.state END
		  FROM (SELECT e.id, of.zone`+inLine+`) AS moved WHERE l.enrollment_id = moved.id AND l.state IN ('waiting', 'asleep', 'stuck')`, args); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE account_pace SET look_at = NULL WHERE address = ANY ($1)`, addresses)
	return err
}
