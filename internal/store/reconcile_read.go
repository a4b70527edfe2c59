package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// recordSQL reads what a reconciliation compares: the row, the open park, the
// ledger, and whether a start is on its way.
const recordSQL = `
SELECT e.id, e.campaign, e.contact_id, e.status, e.step_index, e.step_id, e.next_at, e.enrolled_at,
       e.started_at IS NOT NULL AS started, e.follows, e.visit_base, e.park_id, e.parked_at, e.code, e.detail, e.words, e.attempts,
       ` + causesSQL + ` AS causes, ` + variableSQL + ` AS variable,
       EXISTS (SELECT FROM outbox o WHERE o.kind = 'enroll' AND o.campaign = e.campaign AND o.done_at IS NULL) AS start_asked,
       c.name AS campaign_name, c.steps, k.first_name, k.last_name, k.company,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('StepID', d.step_id, 'Visit', d.visit, 'State', d.state)), '[]')
          FROM deliveries d WHERE d.enrollment_id = e.id) AS ledger
  FROM enrollments e JOIN campaigns c ON c.key = e.campaign JOIN contacts k ON k.id = e.contact_id `

type recordRow struct {
	ID           int64
	Campaign     string
	ContactID    int64
	Status       campaign.Status
	StepIndex    int
	StepID       string
	NextAt       *time.Time
	EnrolledAt   time.Time
	Started      bool
	Follows      bool
	VisitBase    int
	ParkID       int
	ParkedAt     *time.Time
	Code         *failure.Code
	Detail       *string
	Words        *keptWords
	Attempts     *int
	Causes       []failure.Cause
	Variable     string
	StartAsked   bool
	CampaignName string
	Steps        []campaign.Step

	FirstName, LastName, Company string
	Ledger                       []struct {
		campaign.DeliveryKey
		State campaign.DeliveryState
	}
}

// Records returns up to limit enrollments that have not ended, in the order of
// their ids, behind the enrollment `after`; of one campaign, or of any when
// key is empty.
func (s *Store) Records(ctx context.Context, key string, after int64, limit int) ([]campaign.Record, error) {
	return s.records(ctx, s.pool, `
		 WHERE e.id > $1 AND ($2 = '' OR e.campaign = $2) AND e.`+runningSQL+`
		 ORDER BY e.id LIMIT $3`, after, key, limit)
}

// CountRecords counts what Records lists.
func (s *Store) CountRecords(ctx context.Context, key string) (int, error) {
	var count int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM enrollments
		WHERE ($1 = '' OR campaign = $1) AND `+runningSQL, key).Scan(&count)
	return count, err
}

// RecordsOf returns the enrollments with these keys, ended or not. A key that
// no enrollment has is not in the answer.
func (s *Store) RecordsOf(ctx context.Context, keys []campaign.EnrollmentKey) ([]campaign.Record, error) {
	campaigns, contacts := make([]string, len(keys)), make([]int64, len(keys))
	for i, key := range keys {
		campaigns[i], contacts[i] = key.CampaignKey, key.ContactID
	}
	return s.records(ctx, s.pool, `
		 WHERE (e.campaign, e.contact_id) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))`, campaigns, contacts)
}

func (s *Store) records(ctx context.Context, db querier, where string, args ...any) ([]campaign.Record, error) {
	rows, err := db.Query(ctx, recordSQL+where, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[recordRow])
	if err != nil {
		return nil, err
	}
	signalled, err := unheard(ctx, db, found)
	if err != nil {
		return nil, err
	}
	records := make([]campaign.Record, len(found))
	for i, row := range found {
		records[i] = row.record()
		if entry, ok := signalled[row.ID]; ok {
			records[i].Unheard = &entry
		}
	}
	return records, nil
}

func (r recordRow) record() campaign.Record {
	contact := campaign.Contact{ID: r.ContactID, FirstName: r.FirstName, LastName: r.LastName, Company: r.Company}
	record := campaign.Record{
		EnrollmentKey: campaign.EnrollmentKey{CampaignKey: r.Campaign, ContactID: r.ContactID},
		EnrollmentID:  r.ID, CampaignName: r.CampaignName, ContactName: contact.Name(),
		EnrolledAt: r.EnrolledAt, Started: r.Started, StartAsked: r.StartAsked,
		Steps: campaign.Plans(r.Steps), Follows: r.Follows, Ledger: map[campaign.DeliveryKey]campaign.DeliveryState{},
		Position: campaign.Position{Status: r.Status, StepIndex: r.StepIndex, StepID: r.StepID, LastPark: r.ParkID, VisitBase: r.VisitBase},
	}
	for _, delivery := range r.Ledger {
		record.Ledger[delivery.DeliveryKey] = delivery.State
	}
	record.Visit = record.LastVisit(r.StepID)
	if r.NextAt != nil {
		record.NextAt = *r.NextAt
	}
	if r.Code != nil { // the table holds that the rest of the open park is then set
		record.Park = &failure.Parked{
			ParkID: r.ParkID, Since: *r.ParkedAt, Attempts: *r.Attempts,
			Problem: failure.Problem{Code: *r.Code, Detail: *r.Detail, Words: r.Words.of(*r.Detail), Variable: r.Variable, Causes: r.Causes},
		}
	}
	return record
}

// lockRecord takes the row for the rest of the transaction and reads it.
func (s *Store) lockRecord(ctx context.Context, tx pgx.Tx, key campaign.EnrollmentKey) (campaign.Record, error) {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM enrollments WHERE campaign = $1 AND contact_id = $2 FOR UPDATE`, key.CampaignKey, key.ContactID).Scan(&id)
	if err != nil {
		return campaign.Record{}, named(err, "enrollment", fmt.Sprintf("of contact %d in %s", key.ContactID, key.CampaignKey))
	}
	records, err := s.records(ctx, tx, `WHERE e.id = $1`, id)
	if err != nil || len(records) == 0 {
		return campaign.Record{}, errors.Join(err, ctx.Err())
	}
	return records[0], nil
}
