package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Enrolled says what Enroll has done, or would do.
type Enrolled struct {
	Enrolled int `json:"enrolled"`
	// Already counts contacts that had been enrolled before, in any status.
	Already int `json:"already"`
	// Unknown lists ids that no contact has; nobody is enrolled when there are any.
	Unknown []int64 `json:"unknown"`
}

// Enroll writes the enrollments of contacts in a campaign together with an
// outbox row that gets their workflows started. ids nil means every contact.
// Contacts that are enrolled already are left alone. An id that no contact has
// refuses the whole: ErrNotFound, with the ids in Unknown. With dryRun nothing
// is written.
func (s *Store) Enroll(ctx context.Context, key string, ids []int64, by string, dryRun bool) (Enrolled, error) {
	result := Enrolled{Unknown: []int64{}}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		steps, err := campaignSteps(ctx, tx, key)
		if err != nil {
			return err
		}
		var total int
		if err := tx.QueryRow(ctx, `SELECT count(*), ARRAY(SELECT unnest($1::bigint[]) EXCEPT SELECT id FROM contacts ORDER BY 1)
			FROM contacts WHERE $1::bigint[] IS NULL OR id = ANY ($1)`, ids).Scan(&total, &result.Unknown); err != nil {
			return err
		}
		if err := unknownContacts(result.Unknown); err != nil {
			return err
		}
		first := campaign.NextAfter(campaign.Plans(steps), -1)
		tag, err := tx.Exec(ctx, `
			INSERT INTO enrollments (campaign, contact_id, status, step_id, step_index, next_at, enrolled_by)
			SELECT $1, id, CASE WHEN $5::interval > '0' THEN 'Waiting' ELSE 'Active' END, $3, $4,
			       CASE WHEN $5::interval > '0' THEN clock_timestamp() + $5::interval END, $6
			  FROM contacts WHERE $2::bigint[] IS NULL OR id = ANY ($2)
			 ORDER BY id
			    ON CONFLICT (campaign, contact_id) DO NOTHING`, key, ids, first.StepID, first.StepIndex, first.Wait, by)
		if err != nil {
			return err
		}
		result.Enrolled = int(tag.RowsAffected())
		result.Already = total - result.Enrolled
		if dryRun {
			return errDryRun
		}
		if result.Enrolled == 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `INSERT INTO outbox (kind, campaign, by) VALUES ('enroll', $1, $2)`, key, by)
		return err
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return result, err
}

// errDryRun rolls a transaction back after it has told what it would do.
var errDryRun = errors.New("dry run")

func campaignSteps(ctx context.Context, tx pgx.Tx, key string) ([]campaign.Step, error) {
	var steps []campaign.Step
	err := tx.QueryRow(ctx, `SELECT steps FROM campaigns WHERE key = $1 FOR SHARE`, key).Scan(&steps)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("campaign %s: %w", key, ErrNotFound)
	}
	return steps, err
}

// Unstarted returns up to limit enrollments of a campaign whose workflow has
// not been started, with the campaign as it is now.
func (s *Store) Unstarted(ctx context.Context, key string, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error) {
	var of campaign.Campaign
	err := s.pool.QueryRow(ctx, `SELECT key, name, owner, coalesce(sender, ''), paused, steps FROM campaigns WHERE key = $1`, key).
		Scan(&of.Key, &of.Name, &of.Owner, &of.Sender, &of.Paused, &of.Steps)
	if errors.Is(err, pgx.ErrNoRows) {
		return of, nil, fmt.Errorf("campaign %s: %w", key, ErrNotFound)
	}
	if err != nil {
		return of, nil, err
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.id, e.contact_id, k.first_name, k.last_name, k.company 
		  FROM enrollments e JOIN contacts k ON k.id = e.contact_id
		 WHERE e.campaign = $1 AND e.id > $2 AND e.started_at IS NULL AND e.status NOT IN ('Completed', 'Disenrolled')
		 ORDER BY e.id LIMIT $3`, key, after, limit)
	if err != nil {
		return of, nil, err
	}
	enrollees, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (campaign.Enrollee, error) {
		var enrollee campaign.Enrollee
		var contact campaign.Contact
		err := row.Scan(&enrollee.EnrollmentID, &enrollee.ContactID, &contact.FirstName, &contact.LastName, &contact.Company)
		// The name goes into the workflow's summary, where an address of a contact has no place.
		enrollee.ContactName = contact.Name()
		return enrollee, err
	})
	return of, enrollees, err
}

// Started notes that the workflows of enrollments are running.
func (s *Store) Started(ctx context.Context, enrollmentIDs []int64) error {
	_, err := s.pool.Exec(ctx, `UPDATE enrollments SET started_at = clock_timestamp() WHERE id = ANY ($1) AND started_at IS NULL`, enrollmentIDs)
	return err
}

// EnrollDone closes the outbox rows of a campaign that asked for a start, when
// no enrollment of it is left unstarted.
func (s *Store) EnrollDone(ctx context.Context, key string) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE outbox SET done_at = clock_timestamp()
		 WHERE kind = 'enroll' AND campaign = $1 AND done_at IS NULL
		   AND NOT EXISTS (SELECT FROM enrollments WHERE campaign = $1 AND started_at IS NULL AND status NOT IN ('Completed', 'Disenrolled'))`, key)
	return err
}
