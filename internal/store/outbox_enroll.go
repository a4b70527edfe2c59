package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// unstartedSQL are the enrollments of campaign $1 that request $2 has to have
// started: its own, and those that no open request sees to (law 2).
const unstartedSQL = `
	FROM enrollments e
	WHERE e.campaign = $1 AND e.started_at IS NULL AND e.` + runningSQL + `
	  AND (e.request = $2 OR NOT EXISTS (SELECT FROM outbox o WHERE o.id = e.request AND o.kind = 'enroll' AND o.done_at IS NULL))`

// OpenEnrolls lists the open entries that start enrollments of a campaign, oldest
// first. When there is none, but somebody is left all the same, it is an entry
// with ID 0, which is in no table, for those.
func (s *Store) OpenEnrolls(ctx context.Context, key string) ([]campaign.OutboxEntry, error) {
	rows, err := s.pool.Query(ctx, dueEntriesSQL+` AND kind = 'enroll' AND campaign = $1 ORDER BY id`, key)
	if err != nil {
		return nil, err
	}
	open, err := pgx.CollectRows(rows, pgx.RowToStructByName[campaign.OutboxEntry])
	if err != nil || len(open) > 0 {
		return open, err
	}
	var left bool
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT `+unstartedSQL+`)`, key, 0).Scan(&left)
	if left {
		open = []campaign.OutboxEntry{{Kind: campaign.OutboxEnroll, Campaign: key}}
	}
	return open, err
}

// Unstarted returns up to limit enrollments that a request has to have started
// and that have no workflow yet, with the campaign as it is now.
func (s *Store) Unstarted(ctx context.Context, request campaign.OutboxEntry, after int64, limit int) (campaign.Campaign, []campaign.Enrollee, error) {
	key := request.Campaign
	of, err := readCampaign(ctx, s.pool, key, "")
	if err != nil {
		return of, nil, err
	}
	rows, err := s.pool.Query(ctx, `
		SELECT e.id, e.contact_id, e.step_id, e.step_index, e.visit_base, e.request, k.first_name, k.last_name, k.company
		  FROM (SELECT e.id, e.contact_id, e.step_id, e.step_index, e.visit_base, e.request `+unstartedSQL+` AND e.id > $3 ORDER BY e.id LIMIT $4) e JOIN contacts k ON k.id = e.contact_id
		 ORDER BY e.id`, key, request.ID, after, limit)
	if err != nil {
		return of, nil, err
	}
	enrollees, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (campaign.Enrollee, error) {
		var enrollee campaign.Enrollee
		var contact campaign.Contact
		err := row.Scan(&enrollee.EnrollmentID, &enrollee.ContactID, &enrollee.StepID, &enrollee.StepIndex, &enrollee.VisitBase, &enrollee.Request, &contact.FirstName, &contact.LastName, &contact.Company)
		// The name goes into the workflow's summary, where an address of a contact has no place.
		enrollee.ContactName = contact.Name()
		return enrollee, err
	})
	return of, enrollees, err
}

// MarkStarted notes that the workflows of enrollments are running, whether they follow their
// campaign, and how far their requests are. An attempt that comes late marks nobody who is to be
// started once more since it has read its page: whose workflow would never begin (law 2). Who waits, or is in error, when the
// campaign was edited since the start was asked for, is signalled of it: the edit has passed them by, as they were
// not noted as started, and they may have been by what the campaign was before (law 3).
func (s *Store) MarkStarted(ctx context.Context, enrollees []campaign.Enrollee, follow bool) error {
	ids, requests := make([]int64, len(enrollees)), make([]*int64, len(enrollees))
	for i, enrollee := range enrollees {
		ids[i], requests[i] = enrollee.EnrollmentID, enrollee.Request
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		// In the order of all who take several. An edit takes them too: what follows sees each that this has waited for.
		rows, err := tx.Query(ctx, `
			SELECT e.id FROM enrollments e JOIN unnest($1::bigint[], $2::bigint[]) AS of (id, request) ON e.id = of.id AND e.request IS NOT DISTINCT FROM of.request
			 WHERE e.started_at IS NULL ORDER BY e.id FOR NO KEY UPDATE OF e`, ids, requests)
		if err != nil {
			return err
		}
		locked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil || len(locked) == 0 {
			return err
		}
		// An edit that has read them as not started is not committed while it holds the campaign.
		if _, err := tx.Exec(ctx, `SELECT FROM campaigns WHERE key IN (SELECT campaign FROM enrollments WHERE id = ANY ($1)) ORDER BY key FOR SHARE`, locked); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			WITH started AS (
				UPDATE enrollments SET started_at = clock_timestamp(), follows = $2 WHERE id = ANY ($1) RETURNING request)
			UPDATE outbox SET signalled = signalled + n
			  FROM (SELECT request, count(*) AS n FROM started GROUP BY request) AS counted WHERE id = request`, locked, follow); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			WITH passed AS (
				SELECT e.id, e.campaign FROM enrollments e JOIN campaigns c ON c.key = e.campaign
				 WHERE e.id = ANY ($1) AND e.status IN ('Waiting', 'InError') AND EXISTS (
				       SELECT FROM campaign_versions v WHERE v.campaign = c.key AND v.n = c.version AND v.n > 1
				          AND v.at >= coalesce((SELECT o.created_at FROM outbox o WHERE o.id = e.request), e.enrolled_at))),
			late AS (
				INSERT INTO outbox (kind, campaign, by, total) SELECT 'edit', campaign, 'edit', count(*) FROM passed GROUP BY campaign RETURNING id, campaign)
			UPDATE enrollments e SET edit = late.id FROM passed JOIN late ON late.campaign = passed.campaign WHERE e.id = passed.id`, locked)
		return err
	})
}

// CloseIfStarted closes an entry of kind OutboxEnroll when it has none left to start.
func (s *Store) CloseIfStarted(ctx context.Context, request campaign.OutboxEntry) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE outbox SET done_at = clock_timestamp() WHERE id = $2 AND campaign = $1 AND done_at IS NULL
		   AND NOT EXISTS (SELECT `+unstartedSQL+`)`, request.Campaign, request.ID)
	return err
}

// CountUnstarted counts the enrollments of a campaign whose workflow has still to
// be started by now: those of one entry, or of all with entry 0.
func (s *Store) CountUnstarted(ctx context.Context, key string, entry int64) (int, error) {
	var count int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM enrollments
		WHERE campaign = $1 AND ($2 = 0 OR request = $2) AND started_at IS NULL AND `+runningSQL+`
		  AND NOT EXISTS (SELECT FROM outbox o WHERE o.id = enrollments.request AND o.done_at IS NULL AND o.not_before > clock_timestamp())`, key, entry).Scan(&count)
	return count, err
}
