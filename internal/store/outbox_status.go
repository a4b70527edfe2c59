package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// OutboxStatus is an open entry of the outbox and how far it is: what `starter
// background` lists.
type OutboxStatus struct {
	ID   int64               `json:"id"`
	Kind campaign.OutboxKind `json:"kind"`
	// Cause is what was fixed; empty unless Kind is fix.
	Cause failure.Cause `json:"cause"`
	// Campaign and Code narrow the selection; empty is any. Named counts the
	// contacts that were named; 0 is all.
	Campaign string       `json:"campaign"`
	Code     failure.Code `json:"code"`
	Named    int          `json:"named"`
	// Done of Total have been started or signalled. Total is how many there were when it was
	// asked for: who goes on by another way meanwhile is not taken from it.
	Done  int `json:"done"`
	Total int `json:"total"`
	// Rate is contacts a second; 0 is no limit.
	Rate  campaign.Rate `json:"rate"`
	By    string        `json:"by"`
	Since time.Time     `json:"since"`
	// NotBefore is when it begins; left out when it has.
	NotBefore *time.Time `json:"notBefore,omitempty"`
}

const notBeforeSQL = `CASE WHEN not_before > clock_timestamp() THEN not_before END AS not_before`

// outboxStatusSQL has the cause of credits as $1: their cursor does not move on.
const outboxStatusSQL = `
	SELECT id, kind, cause, campaign, code, cardinality(contacts) AS named, rate, by, created_at AS since, signalled AS done, ` + notBeforeSQL + `,
	       ` + totalSQL + `
	  FROM outbox o WHERE done_at IS NULL`

// totalSQL is how many contacts an entry o is for. One that was to be signalled once more,
// after a kill or for another credit, counts as often. A fix of the release before has not
// kept the number: it is counted, with the cause of credits as $1.
const totalSQL = `
	CASE WHEN o.kind <> 'fix' OR o.total > 0 OR o.done_at IS NOT NULL THEN greatest(o.total, o.signalled)
	     ELSE o.signalled + (SELECT count(*) FROM parked_on p WHERE p.cause = o.cause AND p.seq < o.id AND (p.seq > o.cursor OR o.cause = $1)) END AS total`

// RequestStatus is an entry of the outbox, open or done.
type RequestStatus struct {
	OutboxStatus
	DoneAt *time.Time
}

// RequestStatus returns the entry with this number. ErrNotFound when there is none (any more).
func (s *Store) RequestStatus(ctx context.Context, id int64) (RequestStatus, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT id, kind, cause, campaign, code, cardinality(contacts) AS named, rate, by, created_at AS since, signalled AS done, done_at, `+notBeforeSQL+`,
		       `+totalSQL+`
		  FROM outbox o WHERE id = $2`, failure.Plan, id)
	if err != nil {
		return RequestStatus{}, err
	}
	one, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[RequestStatus])
	return one, named(err, "request", id)
}

// OutboxStatuses lists the open entries, oldest first.
func (s *Store) OutboxStatuses(ctx context.Context) ([]OutboxStatus, error) {
	rows, err := s.pool.Query(ctx, outboxStatusSQL+` ORDER BY id`, failure.Plan)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[OutboxStatus])
}

// SetRate changes how fast something under way goes on. ErrRefused when it has
// finished, ErrNotFound when nothing has this number.
func (s *Store) SetRate(ctx context.Context, id int64, rate campaign.Rate, by string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE outbox SET rate = $2 WHERE id = $1 AND done_at IS NULL`, id, rate)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return notUnderWay(ctx, tx, id)
		}
		return Activity{By: by, Kind: DidSetRate, Thing: ABackground, Subject: strconv.FormatInt(id, 10)}.write(ctx, tx)
	})
}

// Stop cancels a resume or a disenrollment for the contacts that are not yet
// signalled, and returns how far it was; of an enroll that has not begun yet it disenrolls
// the contacts, who have no workflow. ErrRefused for a fix and for an enroll that has begun:
// nobody may be left behind by those (laws 2 and 3); and for what has finished. ErrNotFound
// when nothing has this number.
func (s *Store) Stop(ctx context.Context, id int64, by string) (OutboxStatus, error) {
	var stopped OutboxStatus
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, outboxStatusSQL+` AND id = $2 FOR UPDATE`, failure.Plan, id)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[OutboxStatus])
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return notUnderWay(ctx, tx, id)
		}
		switch stopped = found[0]; stopped.Kind {
		case campaign.OutboxFix:
			return refusedf("%d resumes contacts after a fix (%s), and none may miss it: it can be slowed down, not stopped", id, stopped.Cause.Thing())
		case campaign.OutboxEdit:
			return refusedf("%d has contacts in %s look what comes next after an edit, and none may miss it: it can be slowed down, not stopped", id, stopped.Campaign)
		case campaign.OutboxStop:
			return refusedf("%d lets go of the workflows of persons who have answered or unsubscribed, and none may miss it", id)
		case campaign.OutboxEnroll:
			if stopped.NotBefore != nil {
				return stopEnroll(ctx, tx, stopped, by)
			}
			return refusedf("%d starts contacts that are enrolled in %s already: disenroll them instead", id, stopped.Campaign)
		case campaign.OutboxResume, campaign.OutboxDisenroll: // asked for by a person, who may take it back
		}
		if _, err := tx.Exec(ctx, `DELETE FROM outbox WHERE id = $1`, id); err != nil {
			return err
		}
		return Activity{
			By: by, Kind: DidStop, Thing: ABackground, Subject: strconv.FormatInt(id, 10), Code: stopped.Code, Count: max(0, stopped.Total-stopped.Done),
		}.write(ctx, tx)
	})
	return stopped, err
}

// stopEnroll ends the enrollments of a request that has not begun. Its row is locked: nobody
// starts one of them before this is committed, and then none is left to be started.
func stopEnroll(ctx context.Context, tx pgx.Tx, stopped OutboxStatus, by string) error {
	rows, err := tx.Query(ctx, `SELECT id FROM enrollments WHERE campaign = $1 AND request = $2 AND started_at IS NULL AND `+runningSQL+` ORDER BY id FOR UPDATE`,
		stopped.Campaign, stopped.ID)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	reason := "stopped before it began"
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO notes (enrollment_id, step_id, kind, text, by) SELECT id, step_id, 'disenrolled', $2, $3 FROM enrollments WHERE id = ANY ($1)`, ids, reason, by)
	batch.Queue(`UPDATE enrollments SET status = 'Disenrolled', ended_at = clock_timestamp(), next_at = NULL WHERE id = ANY ($1)`, ids)
	batch.Queue(`UPDATE outbox SET done_at = clock_timestamp() WHERE id = $1`, stopped.ID)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	return Activity{By: by, Kind: DidStop, Thing: ABackground, Subject: strconv.FormatInt(stopped.ID, 10), Count: len(ids)}.write(ctx, tx)
}

// notUnderWay says why there is nothing to change: ErrRefused when it has finished.
func notUnderWay(ctx context.Context, tx pgx.Tx, id int64) error {
	var finished bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM outbox WHERE id = $1 AND done_at IS NOT NULL)`, id).Scan(&finished); err != nil {
		return err
	}
	if finished {
		return refusedf("number %d has finished already: there is nothing left of it to stop or to slow down", id)
	}
	return &Error{
		Kind: ErrNotFound, Thing: "background number", Key: strconv.FormatInt(id, 10),
		Text: fmt.Sprintf("there is no number %d under way in the background (any more)", id),
	}
}
