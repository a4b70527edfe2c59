package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// ErrorFilter says which contacts in error are meant; zero values mean any.
type ErrorFilter struct {
	Campaign string
	Code     failure.Code
	// Cause is that of an ErrorGroup.
	Cause   string
	Contact int64
}

// ErrorRow is one contact that is in error in a step.
type ErrorRow struct {
	// Seq orders the list: the oldest park has the lowest.
	Seq      int64
	Contact  campaign.Contact
	Campaign string
	// Several is true when the campaign has several senders.
	Several   bool
	StepID    string
	StepIndex int
	Problem   failure.Problem
	// Cause is what the park was recorded to wait for; empty when an operator has to end it.
	Cause    string
	ParkID   int
	Since    time.Time
	Attempts int
	// Ended is set when the workflow was ended from outside: no fix reaches it.
	Ended *Ended
}

// where is the filter as SQL, with its arguments: only the conditions that are
// asked for, so that an index can serve them. park_seq is set for exactly
// those in error.
func (f ErrorFilter) where() (string, pgx.NamedArgs) {
	conditions, args := []string{"e.park_seq IS NOT NULL"}, pgx.NamedArgs{}
	if f.Campaign != "" {
		conditions, args["campaign"] = append(conditions, "e.campaign = @campaign AND e.status = 'InError'"), f.Campaign
	}
	switch {
	case f.Code == failure.WorkflowEnded:
		conditions = append(conditions, "EXISTS (SELECT FROM ended_workflows x WHERE x.enrollment_id = e.id)")
	case f.Code != "":
		conditions, args["code"] = append(conditions, "e.code = @code"), f.Code
	}
	if f.Cause != "" {
		conditions, args["cause"] = append(conditions, "cause_group(e.cause) = @cause"), f.Cause
	}
	if f.Contact != 0 {
		conditions, args["contact"] = append(conditions, "e.contact_id = @contact"), f.Contact
	}
	return strings.Join(conditions, " AND "), args
}

// Errors returns the page of contacts in error that follows the park `after`
// (0 for the first), oldest park first. A short page is the last.
func (s *Store) Errors(ctx context.Context, filter ErrorFilter, after int64, limit int) ([]ErrorRow, error) {
	where, args := filter.where()
	args["after"], args["limit"] = after, limit
	of := `enrollments`
	if filter.Contact != 0 { // a few, whatever statistics that are older than most parks say of the index by park (OFFSET)
		of = `(SELECT * FROM enrollments WHERE contact_id = @contact OFFSET 0)`
	}
	rows, err := s.pool.Query(ctx, fmt.Sprintf(`
		SELECT `+errorColumns+`
		  FROM `+of+` e JOIN contacts k ON k.id = e.contact_id LEFT JOIN ended_workflows w ON w.enrollment_id = e.id
		 WHERE %s AND e.park_seq > @after
		 ORDER BY e.park_seq LIMIT @limit`, where), args)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanError)
	if err != nil {
		return nil, err
	}
	numbers, err := s.stepNumbers(ctx)
	for i, one := range found {
		found[i].StepIndex = numbers.of(one.Campaign, one.StepID, one.StepIndex)
	}
	return found, err
}

// errorColumns are an ErrorRow, of enrollments e, contacts k and ended_workflows w.
const errorColumns = `e.park_seq, e.campaign, (SELECT c.senders <> '{}' FROM campaigns c WHERE c.key = e.campaign), e.step_id, e.step_index, e.code, e.detail, e.words, coalesce(e.cause, ''), e.park_id, e.parked_at, e.attempts,
	` + causesSQL + `, ` + variableSQL + `,
	k.id, k.first_name, k.last_name, k.company, k.email, w.how, w.closed_at, w.noticed_at`

func scanError(row pgx.CollectableRow) (e ErrorRow, err error) {
	var how *campaign.Ending
	var words *keptWords
	var closedAt, noticedAt *time.Time
	err = row.Scan(&e.Seq, &e.Campaign, &e.Several, &e.StepID, &e.StepIndex, &e.Problem.Code, &e.Problem.Detail, &words, &e.Cause, &e.ParkID, &e.Since,
		&e.Attempts, &e.Problem.Causes, &e.Problem.Variable, &e.Contact.ID, &e.Contact.FirstName, &e.Contact.LastName, &e.Contact.Company, &e.Contact.Email,
		&how, &closedAt, &noticedAt)
	e.Problem.Words = words.of(e.Problem.Detail)
	if how != nil && noticedAt != nil {
		e.Ended = &Ended{How: *how, ClosedAt: closedAt, NoticedAt: *noticedAt}
	}
	return e, err
}

// CountErrors counts the contacts in error, and those whose workflow was ended
// from outside: the former from the tally, unless one contact is meant, or one ending.
func (s *Store) CountErrors(ctx context.Context, filter ErrorFilter) (count int, err error) {
	ended, err := s.countEnded(ctx, filter)
	if err != nil {
		return 0, err
	}
	if filter.Contact != 0 || filter.Code == failure.WorkflowEnded {
		where, args := filter.where()
		err = s.pool.QueryRow(ctx, `SELECT count(*) FROM enrollments e WHERE `+where, args).Scan(&count)
		return count + ended, err
	}
	err = s.pool.QueryRow(ctx, `
		SELECT coalesce(sum(n), 0)::bigint FROM tally
		 WHERE status = 'InError' AND ($1 = '' OR campaign = $1) AND ($2 = '' OR code = $2) AND ($3 = '' OR cause = $3)`, filter.Campaign, filter.Code, filter.Cause).Scan(&count)
	return count + ended, err
}
