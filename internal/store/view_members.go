package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// MemberFilter says which contacts of a campaign are meant; zero values mean any.
// Active are also those that have waited long enough, Waiting those that have not.
type MemberFilter struct {
	Campaign string
	Status   campaign.Status
	Step     string
}

// MemberMark is a place in the list of a campaign's contacts: the one that was
// listed last. The zero value is before the first.
type MemberMark struct {
	// Part is the part of the list; see memberParts.
	Part int
	Step string
	ID   int64
}

// Member is a contact of a campaign, and where it stands.
type Member struct {
	Contact campaign.Contact
	Status  campaign.Status
	StepID  string
	// NextAt is set while it waits, EndedAt when it has ended.
	NextAt, EndedAt *time.Time
	// Since, Code, Detail, Words and Cause are the open park's; zero unless InError.
	Since  *time.Time
	Code   failure.Code
	Detail string
	Words  *failure.Words
	Cause  string
	// Ended is set when the workflow was ended from outside.
	Ended *Ended
	// Mark is its place in the list.
	Mark MemberMark
}

// memberParts are the parts of the list, each a range of the index enrollments_place:
// a status as it is stored, and for Waiting which of them.
var memberParts = []struct {
	status, stored campaign.Status
	where          string
}{
	{campaign.InError, campaign.InError, "true"},
	{campaign.Active, campaign.Active, "true"},
	{campaign.Active, campaign.Waiting, "e.next_at <= statement_timestamp()"},
	{campaign.Waiting, campaign.Waiting, "(e.next_at > statement_timestamp() OR e.next_at IS NULL)"},
	{campaign.Paused, campaign.Paused, "true"},
	{campaign.Completed, campaign.Completed, "true"},
	{campaign.Disenrolled, campaign.Disenrolled, "true"},
}

// Members returns the page of the contacts of a campaign that follows a mark, part by
// part, by step and by enrollment. A short page is the last.
func (s *Store) Members(ctx context.Context, filter MemberFilter, after MemberMark, limit int) ([]Member, error) {
	members := []Member{}
	for part, of := range memberParts {
		if part < after.Part || filter.Status != "" && filter.Status != of.status || len(members) == limit {
			continue
		}
		from := MemberMark{Part: part}
		if part == after.Part {
			from = after
		}
		found, err := s.membersOf(ctx, filter, from, limit-len(members))
		if err != nil {
			return nil, err
		}
		members = append(members, found...)
	}
	return members, nil
}

func (s *Store) membersOf(ctx context.Context, filter MemberFilter, after MemberMark, limit int) ([]Member, error) {
	of := memberParts[after.Part]
	from, args := "(e.step_id, e.id) > (@step, @id)", pgx.NamedArgs{"campaign": filter.Campaign, "status": of.stored, "step": after.Step, "id": after.ID, "limit": limit}
	if filter.Step != "" { // the index begins at the number then, and not at the step
		from, args["step"] = "e.step_id = @step AND e.id > @id", filter.Step
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.id, k.id, k.first_name, k.last_name, k.company, k.email, e.step_id, e.next_at, e.ended_at,
		       e.parked_at, coalesce(e.code, ''), coalesce(e.detail, ''), e.words, coalesce(e.cause, ''), w.how, w.closed_at, w.noticed_at
		  FROM (SELECT * FROM enrollments e
		         WHERE e.campaign = @campaign AND e.status = @status AND `+from+` AND `+of.where+`
		         ORDER BY e.step_id, e.id LIMIT @limit) AS e
		  JOIN contacts k ON k.id = e.contact_id LEFT JOIN ended_workflows w ON w.enrollment_id = e.id AND e.ended_at IS NULL
		 ORDER BY e.step_id, e.id`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Member, error) {
		m := Member{Status: of.status, Mark: MemberMark{Part: after.Part}}
		var how *campaign.Ending
		var words *keptWords
		var closedAt, noticedAt *time.Time
		err := row.Scan(&m.Mark.ID, &m.Contact.ID, &m.Contact.FirstName, &m.Contact.LastName, &m.Contact.Company, &m.Contact.Email, &m.StepID,
			&m.NextAt, &m.EndedAt, &m.Since, &m.Code, &m.Detail, &words, &m.Cause, &how, &closedAt, &noticedAt)
		m.Mark.Step, m.Words = m.StepID, words.of(m.Detail)
		if how != nil && noticedAt != nil {
			m.Ended = &Ended{How: *how, ClosedAt: closedAt, NoticedAt: *noticedAt}
		}
		return m, err
	})
}

// NextMember returns the contact that gets the next message of a campaign: one that is
// on its way, else the one whose wait ends first, else any. ErrNotFound when nobody is
// enrolled.
func (s *Store) NextMember(ctx context.Context, key string) (contactID int64, err error) {
	const of = `SELECT contact_id FROM enrollments WHERE campaign = $1 AND status = `
	err = s.pool.QueryRow(ctx, `
		SELECT contact_id FROM (
			(SELECT 1 AS rank, contact_id FROM (`+of+`'Active' ORDER BY step_id, id LIMIT 1) AS a)
			UNION ALL (SELECT 2, contact_id FROM (`+of+`'Waiting' ORDER BY next_at LIMIT 1) AS w)
			UNION ALL (SELECT 3, contact_id FROM (`+of+`'Paused' ORDER BY step_id, id LIMIT 1) AS p)
			UNION ALL (SELECT 4, contact_id FROM (`+of+`'InError' ORDER BY step_id, id LIMIT 1) AS e)
			UNION ALL (SELECT 5, contact_id FROM (`+of+`'Completed' ORDER BY step_id, id LIMIT 1) AS c)
			UNION ALL (SELECT 6, contact_id FROM (`+of+`'Disenrolled' ORDER BY step_id, id LIMIT 1) AS d)) AS first
		 ORDER BY rank LIMIT 1`, key).Scan(&contactID)
	return contactID, named(err, "contact enrolled in", key)
}
