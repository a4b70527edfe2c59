package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/failure"
)

// Mark is a place in the list of the contacts of a repair: the park that was listed
// last. The zero value is before the first.
type Mark struct {
	At  time.Time
	Seq int64
}

// RepairContacts returns the page of the contacts in error of one code and one
// cause, in all campaigns, that follows a mark: oldest park first. The cause is that
// of an ErrorGroup. A short page is the last.
//
// The tally knows the campaigns, an index the oldest parks of each: it costs the same
// however many there are.
func (s *Store) RepairContacts(ctx context.Context, code failure.Code, cause string, after Mark, limit int) ([]ErrorRow, error) {
	rows, err := s.pool.Query(ctx, `
		WITH concerned AS MATERIALIZED (
			SELECT campaign FROM tally WHERE status = 'InError' AND code = @code AND cause = @cause GROUP BY 1 HAVING sum(n) > 0),
		page AS MATERIALIZED (
			SELECT first.id, first.parked_at, first.park_seq FROM concerned c CROSS JOIN LATERAL (
				SELECT e.id, e.parked_at, e.park_seq FROM enrollments e
				 WHERE e.park_seq IS NOT NULL AND e.campaign = c.campaign AND e.code = @code AND cause_group(e.cause) = @cause
				   AND e.parked_at >= @at AND (e.parked_at, e.park_seq) > (@at, @seq)
				 ORDER BY e.parked_at, e.park_seq LIMIT @limit) AS first
			 ORDER BY 2, 3 LIMIT @limit)
		SELECT `+errorColumns+`
		  FROM page JOIN enrollments e ON e.id = page.id JOIN contacts k ON k.id = e.contact_id LEFT JOIN ended_workflows w ON w.enrollment_id = e.id
		 ORDER BY page.parked_at, page.park_seq`,
		pgx.NamedArgs{"code": code, "cause": cause, "at": after.At, "seq": after.Seq, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanError)
}

// Doubt is a delivery of which nobody knows whether it was accepted: what to search
// for in the sender's Sent folder.
type Doubt struct {
	Account, Recipient, Subject, MessageID string
	Date                                   time.Time
}

// Doubt returns the delivery in doubt of a contact in a campaign; ErrNotFound when
// there is none.
func (s *Store) Doubt(ctx context.Context, key string, contactID int64) (Doubt, error) {
	var d Doubt
	err := s.pool.QueryRow(ctx, `
		SELECT d.account, d.recipient, d.subject, d.message_id, d.message_date
		  FROM enrollments e JOIN deliveries d ON d.enrollment_id = e.id AND d.step_id = e.step_id
		 WHERE e.campaign = $1 AND e.contact_id = $2 AND d.state = 'uncertain' ORDER BY d.visit DESC LIMIT 1`, key, contactID).
		Scan(&d.Account, &d.Recipient, &d.Subject, &d.MessageID, &d.Date)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, noSuch("uncertain delivery of contact", contactID)
	}
	return d, err
}
