package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mark is a place in the list of the contacts of a repair: the park that was listed
// last. The zero value is before the first.
type Mark struct {
	At  time.Time
	Seq int64
}

// RepairContacts returns the page of a repair's contacts in error, or of a part of them,
// in all campaigns, that follows a mark: oldest park first. A short page is the last.
//
// The tally knows the campaigns, an index the oldest parks of each: it costs the same
// however many there are, unless it is narrowed to a step.
func (s *Store) RepairContacts(ctx context.Context, part Part, after Mark, limit int) ([]ErrorRow, error) {
	sql, args := repairContactsSQL(part, after, limit)
	rows, err := s.pool.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanError)
}

func repairContactsSQL(part Part, after Mark, limit int) (string, pgx.NamedArgs) {
	where, args := part.where()
	args["at"], args["seq"], args["limit"] = after.At, after.Seq, limit
	return `
		WITH ` + concernedSQL + `,
		page AS MATERIALIZED (
			SELECT first.id, first.parked_at, first.park_seq FROM concerned c CROSS JOIN LATERAL (
				SELECT e.id, e.parked_at, e.park_seq FROM enrollments e
				 WHERE e.campaign = c.campaign AND ` + where + `
				   AND e.parked_at >= @at AND (e.parked_at, e.park_seq) > (@at, @seq)
				 ORDER BY e.parked_at, e.park_seq LIMIT @limit) AS first
			 ORDER BY 2, 3 LIMIT @limit)
		SELECT ` + errorColumns + `
		  FROM page JOIN enrollments e ON e.id = page.id JOIN contacts k ON k.id = e.contact_id LEFT JOIN ended_workflows w ON w.enrollment_id = e.id
		 ORDER BY page.parked_at, page.park_seq`, args
}

// CountBefore counts the contacts of a repair that are listed before a mark.
func (s *Store) CountBefore(ctx context.Context, part Part, mark Mark) (count int, err error) {
	where, args := part.where()
	args["at"], args["seq"] = mark.At, mark.Seq
	err = s.pool.QueryRow(ctx, `WITH `+concernedSQL+`
		SELECT count(*) FROM concerned c JOIN enrollments e ON e.campaign = c.campaign
		 WHERE `+where+` AND e.parked_at <= @at AND (e.parked_at, e.park_seq) < (@at, @seq)`, args).Scan(&count)
	return count, err
}

// MissingVariables lists the variables that the contacts of a part miss, by name.
func (s *Store) MissingVariables(ctx context.Context, part Part) ([]string, error) {
	where, args := part.where()
	rows, err := s.pool.Query(ctx, `WITH `+concernedSQL+`
		SELECT DISTINCT p.variable FROM concerned c JOIN enrollments e ON e.campaign = c.campaign JOIN parked_on p ON p.enrollment_id = e.id
		 WHERE `+where+` AND p.variable <> '' ORDER BY 1`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Doubt is a delivery of which nobody knows whether it was accepted: what to search
// for in the sender's Sent folder.
type Doubt struct {
	Account, Recipient, Subject, MessageID string
	Date                                   time.Time
	// SentAt is when the message was handed over, as far as it got.
	SentAt time.Time
}

// Doubt returns the delivery in doubt of a contact in a campaign; ErrNotFound when
// there is none.
func (s *Store) Doubt(ctx context.Context, key string, contactID int64) (Doubt, error) {
	var d Doubt
	err := s.pool.QueryRow(ctx, `
		SELECT d.account, d.recipient, d.subject, d.message_id, d.message_date, coalesce(d.wire_at, d.message_date)
		  FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id AND d.step_id = e.step_id
		 WHERE e.campaign = $1 AND e.contact_id = $2 AND d.state = 'uncertain' ORDER BY d.visit DESC LIMIT 1`, key, contactID).
		Scan(&d.Account, &d.Recipient, &d.Subject, &d.MessageID, &d.Date, &d.SentAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, noSuch("uncertain delivery of contact", contactID)
	}
	return d, err
}
