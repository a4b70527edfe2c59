package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

const contactColumns = `id, first_name, last_name, company, email, phone, record_id, fields`

// Contacts returns the contacts in whose names, company, address, phone or
// custom fields search occurs (letter case aside), by id; all for an empty
// search. limit 0 is no limit. total counts what was found without the limit.
func (s *Store) Contacts(ctx context.Context, search string, limit int) (contacts []campaign.Contact, total int, err error) {
	const where = ` FROM contacts WHERE $1 = '' OR concat_ws(' ', first_name, last_name, company, email, phone) ILIKE $1
		OR EXISTS (SELECT FROM jsonb_each_text(fields) AS f WHERE f.value ILIKE $1)`
	pattern := ""
	if search = strings.TrimSpace(search); search != "" {
		pattern = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(search) + "%"
	}
	var most *int
	if limit > 0 {
		most = &limit
	}
	rows, err := s.pool.Query(ctx, `SELECT `+contactColumns+where+` ORDER BY id LIMIT $2`, pattern, most)
	if err != nil {
		return nil, 0, err
	}
	if contacts, err = pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Contact]); err != nil {
		return nil, 0, err
	}
	if most == nil || len(contacts) < limit {
		return contacts, len(contacts), nil
	}
	err = s.pool.QueryRow(ctx, `SELECT count(*)`+where, pattern).Scan(&total)
	return contacts, total, err
}

// EachContact calls do with every contact, by id, until it fails.
func (s *Store) EachContact(ctx context.Context, do func(campaign.Contact) error) error {
	rows, err := s.pool.Query(ctx, `SELECT `+contactColumns+` FROM contacts ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		contact, err := pgx.RowToStructByName[campaign.Contact](rows)
		if err == nil {
			err = do(contact)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// ContactsLike lists the contacts whose id or address begins with prefix, by id,
// at most limit of them.
func (s *Store) ContactsLike(ctx context.Context, prefix string, limit int) ([]campaign.Contact, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+contactColumns+` FROM contacts
		WHERE starts_with(id::text, $1) OR starts_with(lower(email), $1) ORDER BY id LIMIT $2`, strings.ToLower(prefix), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[campaign.Contact])
}

// Contact returns one contact. ErrNotFound when there is none.
func (s *Store) Contact(ctx context.Context, id int64) (campaign.Contact, error) {
	contact, err := contactWhere(ctx, s.pool, `id = $1`, id)
	return contact, named(err, "contact", id)
}

func contactWhere(ctx context.Context, db querier, where string, args ...any) (campaign.Contact, error) {
	rows, err := db.Query(ctx, `SELECT `+contactColumns+` FROM contacts WHERE `+where, args...)
	if err != nil {
		return campaign.Contact{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[campaign.Contact])
}

// ContactEnrollment is where a contact stands in one campaign.
type ContactEnrollment struct {
	Campaign  string          `json:"campaign"`
	Status    campaign.Status `json:"status"`
	StepID    string          `json:"stepId"`
	StepIndex int             `json:"stepIndex"`
	// Code and Detail are those of the open park; empty unless InError.
	Code       failure.Code `json:"code"`
	Detail     string       `json:"detail"`
	NextAt     *time.Time   `json:"nextAt"`
	EnrolledAt time.Time    `json:"enrolledAt"`
	EndedAt    *time.Time   `json:"endedAt"`
	// Retry is set while the step has failed and is tried again, Ended when the
	// workflow was ended from outside.
	Retry *campaign.RetryState `json:"retry,omitempty"`
	Ended *Ended               `json:"ended,omitempty"`
}

// ContactEnrollments returns the enrollments of a contact, the latest first.
func (s *Store) ContactEnrollments(ctx context.Context, id int64) ([]ContactEnrollment, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT e.campaign, e.status, coalesce(t.step_id, e.step_id) AS step_id, coalesce(t.step_index, e.step_index) AS step_index,
		       coalesce(e.code, '') AS code, coalesce(e.detail, '') AS detail, e.next_at, e.enrolled_at, e.ended_at,
		       CASE WHEN t.enrollment_id IS NOT NULL THEN jsonb_build_object('attempt', t.attempt, 'of', t.attempts, 'why', t.why,
		            'failedAt', t.failed_at, 'nextAt', t.next_at) END AS retry,
		       CASE WHEN w.enrollment_id IS NOT NULL AND e.ended_at IS NULL THEN jsonb_build_object('how', w.how, 'closedAt', w.closed_at,
		            'noticedAt', w.noticed_at) END AS ended
		  FROM enrollments e LEFT JOIN retrying t ON t.enrollment_id = e.id LEFT JOIN ended_workflows w ON w.enrollment_id = e.id
		 WHERE e.contact_id = $1 ORDER BY e.id DESC`, id)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[ContactEnrollment])
	if err != nil {
		return nil, err
	}
	numbers, err := s.stepNumbers(ctx)
	for i, one := range found {
		found[i].StepIndex = numbers.of(one.Campaign, one.StepID, one.StepIndex)
	}
	return found, err
}
