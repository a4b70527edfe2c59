package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// Continue takes on those who have completed a campaign and for which something comes now: a
// step was added behind what they have had. ids nil means every contact. They are
// started as new enrollments are, at the rate of the call; Already counts those that
// nothing comes for, or that have not completed, Suppressed those to whose address nothing
// is sent any more, Answered those whose person has said since they were enrolled what ends them in this campaign
// (law 9). An id that no contact has refuses the whole: ErrNotFound. With DryRun nothing is written. A wait counts from the last
// message that a contact has had.
func (s *Store) Continue(ctx context.Context, key string, ids []int64, by string, options BatchOptions) (Enrolled, error) {
	var result Enrolled
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		result = Enrolled{}
		var locked map[int64]bool
		if !options.DryRun { // before the campaign, as everywhere; an answer that is just heard is waited for
			rows, err := tx.Query(ctx, `SELECT id FROM enrollments WHERE campaign = $1 AND status = 'Completed' AND ($2::bigint[] IS NULL OR contact_id = ANY ($2)) ORDER BY id FOR UPDATE`, key, ids)
			if err != nil {
				return err
			}
			locked = map[int64]bool{}
			var id int64
			if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { locked[id] = true; return nil }); err != nil {
				return err
			}
		}
		of, err := readCampaign(ctx, tx, key, "FOR SHARE")
		if err != nil {
			return err
		}
		if _, err := namedContacts(ctx, tx, ids, false); err != nil {
			return err
		}
		if err := options.pace(ctx, tx, key); err != nil {
			return err
		}
		onward, err := continued(ctx, tx, of, ids, locked, &result, options.Most)
		if err != nil || len(onward.ids) == 0 || options.DryRun {
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO outbox (kind, campaign, by, rate, total) VALUES ('enroll', $1, $2, $3, $4) RETURNING id`,
			key, by, options.Limit(), len(onward.ids)).Scan(&result.Request); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE enrollments e SET status = CASE WHEN o.until IS NULL THEN 'Active' ELSE 'Waiting' END, step_id = o.step, step_index = o.index, next_at = o.until,
			       ended_at = NULL, started_at = NULL, request = $1
			  FROM unnest($2::bigint[], $3::text[], $4::int[], $5::timestamptz[]) AS o (id, step, index, until)
			 WHERE e.id = o.id AND e.status = 'Completed'`, result.Request, onward.ids, onward.steps, onward.indexes, onward.until); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidEnroll, Thing: ACampaign, Subject: key, Count: result.Enrolled}.write(ctx, tx)
	})
	return result, err
}

// onward is where each of some enrollments goes on; until is nil where it does not wait.
type onward struct {
	ids     []int64
	steps   []string
	indexes []int
	until   []*time.Time
}

// continued finds those that have completed and are to go on, and counts them. Who completes it at this moment, and is not among those
// that are locked, may be answering: the next call takes them (law 9). Locked is nil where nothing is written.
func continued(ctx context.Context, tx pgx.Tx, of campaign.Campaign, ids []int64, locked map[int64]bool, result *Enrolled, most int) (onward, error) {
	var found onward
	calendar, err := readCalendar(ctx, tx)
	if err != nil {
		return found, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return found, err
	}
	suppressed, answered, err := keptOut(ctx, tx, of)
	if err != nil {
		return found, err
	}
	rows, err := tx.Query(ctx, standingsSQL+` AND ($3::bigint[] IS NULL OR e.contact_id = ANY ($3)) ORDER BY e.id`, of.Key, of.Window.InRecipientZone(), ids)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	path := of.Path()
	for rows.Next() {
		row, err := pgx.RowToStructByPos[standingRow](rows)
		if err != nil {
			return found, err
		}
		ahead := path.Ahead(row.standing().Had)
		switch {
		case row.Status != campaign.Completed || ahead.Completed || locked != nil && !locked[row.ID]:
			result.Already++
			continue
		case suppressed[row.ID]:
			result.Suppressed++
			continue
		case answered[row.ID]:
			result.Answered++
			continue
		case most > 0 && result.Enrolled == most:
			result.Left++
			continue
		}
		facts := campaign.Facts{
			Campaign: of, Calendar: calendar, Now: now, Began: row.Began,
			Contact: campaign.Contact{Email: row.Email, Phone: row.Phone, Fields: row.Fields},
		}
		next := ahead.Next(row.StepIndex, of.Version)
		var until *time.Time
		if at := facts.Due(ahead); next.WaitStep != "" && at.After(now) {
			until = &at
		}
		step, index := next.Stands()
		result.Enrolled++
		found.ids, found.steps, found.indexes, found.until = append(found.ids, row.ID), append(found.steps, step), append(found.indexes, index), append(found.until, until)
	}
	return found, rows.Err()
}

// keptOut are the enrollments that have completed a campaign, of contacts to whose address
// nothing is sent any more, and of those whose person has answered.
func keptOut(ctx context.Context, tx pgx.Tx, of campaign.Campaign) (suppressed, answered map[int64]bool, err error) {
	rows, err := tx.Query(ctx, `
		SELECT e.id, `+suppressedSQL+` AS suppressed FROM enrollments e JOIN contacts k ON k.id = e.contact_id
		 WHERE e.campaign = $1 AND e.status = 'Completed' AND (`+suppressedSQL+` OR `+heardSinceSQL("$2")+`)`, of.Key, ending(of.OnReply == campaign.GoOnAfterReply))
	if err != nil {
		return nil, nil, err
	}
	suppressed, answered = map[int64]bool{}, map[int64]bool{}
	var id int64
	var isSuppressed bool
	_, err = pgx.ForEachRow(rows, []any{&id, &isSuppressed}, func() error {
		if isSuppressed {
			suppressed[id] = true
		} else {
			answered[id] = true
		}
		return nil
	})
	return suppressed, answered, err
}
