package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Selection says which enrollments an operator means. Contacts nil means all.
type Selection struct {
	Campaign string
	Code     failure.Code
	Contacts []int64
}

// Concerned is one enrollment as a request finds it.
type Concerned struct {
	EnrollmentID int64
	ContactID    int64
	FirstName    string
	LastName     string
	Campaign     string
	Status       campaign.Status
	StepIndex    int
	ParkID       int
	// Code is empty unless the enrollment is in error.
	Code failure.Code
}

// Requested is what a request has asked for, or would ask for.
type Requested struct {
	Targets []Concerned
	// LeftOut counts those in DeliveryUncertain that a resume of all does not
	// touch, because it brings no answer for them.
	LeftOut int
}

// RequestResume asks for the parks of a selection to be resumed: it checks that
// this can be done and leaves one row in the outbox, in one transaction. The
// error wraps ErrNotFound for a contact that does not exist, ErrRefused for
// one that is not in error, and is a NeedsAnswer where an answer is missing.
// With dryRun, and when there is nobody to resume, nothing is written.
func (s *Store) RequestResume(ctx context.Context, selection Selection, resume campaign.Resume, dryRun bool) (Requested, error) {
	return s.request(ctx, "resume", selection, resume, dryRun, func(found []Concerned) (Requested, error) {
		return resumable(found, selection, resume.Assume)
	})
}

// RequestDisenroll asks for the enrollments of a selection to be ended, like RequestResume.
func (s *Store) RequestDisenroll(ctx context.Context, selection Selection, reason, by string, dryRun bool) (Requested, error) {
	return s.request(ctx, "disenroll", selection, campaign.Resume{Note: reason, By: by}, dryRun, func(found []Concerned) (Requested, error) {
		return endable(found, selection)
	})
}

func (s *Store) request(ctx context.Context, kind string, selection Selection, say campaign.Resume, dryRun bool, choose func([]Concerned) (Requested, error)) (Requested, error) {
	var requested Requested
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := contactsExist(ctx, tx, selection.Contacts); err != nil {
			return err
		}
		found, err := concerned(ctx, tx, selection)
		if err != nil {
			return err
		}
		if requested, err = choose(found); err != nil {
			return err
		}
		if dryRun || len(requested.Targets) == 0 {
			return errDryRun
		}
		code := selection.Code
		if say.Assume != "" { // the answer is for those who need one, and for nobody else
			code = failure.DeliveryUncertain
		}
		contacts := selection.Contacts
		if contacts == nil {
			contacts = []int64{}
		}
		_, err = tx.Exec(ctx, `INSERT INTO outbox (kind, campaign, code, contacts, assume, note, by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			kind, selection.Campaign, code, contacts, say.Assume, say.Note, say.By)
		return err
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return requested, err
}

const concernedSQL = `
	SELECT e.id AS enrollment_id, e.contact_id, k.first_name, k.last_name, e.campaign, e.status, e.step_index, e.park_id, coalesce(e.code, '') AS code
	  FROM enrollments e JOIN contacts k ON k.id = e.contact_id `

// concerned reads the enrollments to choose from: of named contacts all, so
// that a refusal can say how they stand; else those that can still change.
func concerned(ctx context.Context, db querier, selection Selection) ([]Concerned, error) {
	where, args := `WHERE e.status NOT IN ('Completed', 'Disenrolled')`, pgx.NamedArgs{}
	if selection.Contacts != nil {
		where, args["contacts"] = `WHERE e.contact_id = ANY (@contacts)`, selection.Contacts
	}
	if selection.Campaign != "" {
		where, args["campaign"] = where+` AND e.campaign = @campaign`, selection.Campaign
	}
	if selection.Contacts == nil && selection.Code != "" {
		where, args["code"] = where+` AND e.code = @code AND e.park_seq IS NOT NULL`, selection.Code
	}
	rows, err := db.Query(ctx, concernedSQL+where+` ORDER BY e.park_seq NULLS LAST, e.id`, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Concerned])
}

// Follow reads how enrollments stand now.
func (s *Store) Follow(ctx context.Context, enrollmentIDs []int64) ([]Concerned, error) {
	rows, err := s.pool.Query(ctx, concernedSQL+`WHERE e.id = ANY ($1)`, enrollmentIDs)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Concerned])
}
