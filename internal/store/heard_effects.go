package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// What follows from a message that a person, or a machine of theirs, has sent (law 9). Each
// of these takes every enrollment of the person first, in the order of their ids, for
// itself: a claim has its enrollment's lock when it looks, so it is committed and seen
// here, and its gate stays shut, or it comes later and sees what is written here.

// heardBy signs what follows from what was heard.
const heardBy = "mailbox"

// lockPerson takes all enrollments of contacts, and returns those that run. They come before everything
// else. Those that have ended are taken too: they may be about to begin again (EnrollAgain).
func lockPerson(ctx context.Context, tx pgx.Tx, contacts []int64) ([]personsEnrollment, error) {
	rows, err := tx.Query(ctx, `
		SELECT e.id, e.contact_id, e.campaign, e.step_id, c.on_reply, e.`+runningSQL+`
		  FROM enrollments e JOIN campaigns c ON c.key = e.campaign
		 WHERE e.contact_id = ANY ($1) ORDER BY e.id FOR UPDATE OF e`, contacts)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[personsEnrollment])
	return slices.DeleteFunc(all, func(e personsEnrollment) bool { return !e.Running }), err
}

type personsEnrollment struct {
	ID, ContactID    int64
	Campaign, StepID string
	OnReply          campaign.OnReply
	Running          bool
}

// endPerson ends the enrollments, and has their workflows signalled, without the person's words: those
// stay in PostgreSQL. A reply leaves alone
// those of a campaign that goes on after one.
func endPerson(ctx context.Context, tx pgx.Tx, enrollments []personsEnrollment, stop campaign.Stop, by string) (ended int, err error) {
	var contacts, ids []int64
	for _, e := range enrollments {
		if stop.By == campaign.Replied && e.OnReply == campaign.GoOnAfterReply {
			continue
		}
		if err := end(ctx, tx, e.ID, stop, by); err != nil {
			return ended, err
		}
		contacts, ids = append(contacts, e.ContactID), append(ids, e.ID)
		ended++
	}
	if ended == 0 {
		return 0, nil
	}
	if err := leaveLine(ctx, tx, ids...); err != nil {
		return ended, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (kind, contacts, note, by) SELECT 'stop', array_agg(DISTINCT id ORDER BY id), $2, $3 FROM unnest($1::bigint[]) AS id`,
		contacts, stop.By.Sentence(), by)
	return ended, err
}

// end ends one enrollment by what was said. Its place in the line is left to the caller: it comes last.
func end(ctx context.Context, tx pgx.Tx, enrollmentID int64, stop campaign.Stop, by string) error {
	if err := disenrollInLine(ctx, tx, enrollmentID, stop.Reason, by); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE enrollments SET ended_by = $2 WHERE id = $1 AND status = 'Disenrolled' AND ended_by IS NULL`, enrollmentID, stop.By)
	return err
}

// holdPerson keeps every email from the contacts until the time, if nothing keeps it
// longer. Who stands in a line sleeps till then.
func holdPerson(ctx context.Context, tx pgx.Tx, contacts []int64, enrollments []personsEnrollment, until time.Time, words string, inboundID int64, undated bool, by string) error {
	if _, err := tx.Exec(ctx, `
		INSERT INTO contact_holds AS h (contact_id, until, words, inbound_id, undated, by)
		SELECT id, $2, $3, nullif($4, 0), CASE WHEN $5 THEN 1 ELSE 0 END, $6 FROM unnest($1::bigint[]) AS id ORDER BY id
		    ON CONFLICT (contact_id) DO UPDATE
		   SET until = greatest(h.until, excluded.until), words = excluded.words, inbound_id = excluded.inbound_id, by = excluded.by,
		       undated = CASE WHEN $5 THEN h.undated + 1 ELSE 0 END, since = clock_timestamp()`,
		contacts, until, words, inboundID, undated, by); err != nil {
		return err
	}
	ids := make([]int64, len(enrollments))
	for i, e := range enrollments {
		ids[i] = e.ID
		if err := takeClaims(ctx, tx, e.ID, "held"); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		UPDATE line SET state = 'asleep', not_before = greatest(not_before, $2), awaits_look = NULL
		 WHERE enrollment_id IN (SELECT enrollment_id FROM line WHERE enrollment_id = ANY ($1) AND state IN ('waiting', 'asleep') ORDER BY enrollment_id FOR UPDATE)`, ids, until)
	return err
}

// Release lets a person who was away be written to again; false when nothing held the contact.
func (s *Store) Release(ctx context.Context, contactID int64, by string) (bool, error) {
	return s.ReleaseSeen(ctx, contactID, 0, by)
}

// ReleaseSeen is Release for one who has read the Version of the hold, 0 for any: a Stale when
// another answer holds the contact since.
func (s *Store) ReleaseSeen(ctx context.Context, contactID, seen int64, by string) (bool, error) {
	released := false
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := contactsExist(ctx, tx, []int64{contactID}); err != nil {
			return err
		}
		enrollments, err := lockPerson(ctx, tx, []int64{contactID})
		if err != nil {
			return err
		}
		if err := sawHold(ctx, tx, contactID, seen); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM contact_holds WHERE contact_id = $1 AND until > clock_timestamp()`, contactID)
		if released = tag.RowsAffected() > 0; err != nil || !released {
			return err
		}
		if err := wakeHeld(ctx, tx, enrollments, by); err != nil {
			return err
		}
		return Activity{By: by, Kind: DidRelease, Thing: AContact, Subject: strconv.FormatInt(contactID, 10)}.write(ctx, tx)
	})
	return released, err
}

// wakeHeld has those go on whose hold was taken away.
func wakeHeld(ctx context.Context, tx pgx.Tx, enrollments []personsEnrollment, by string) error {
	for _, e := range enrollments {
		if err := heardNote(ctx, tx, e.ID, e.StepID, "The hold was taken away.", by); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE line SET not_before = clock_timestamp() WHERE enrollment_id = $1 AND state = 'asleep' AND not_before IS NOT NULL`, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// heardNote leaves a line in the timeline.
func heardNote(ctx context.Context, tx pgx.Tx, enrollmentID int64, stepID, text, by string) error {
	return note(ctx, tx, campaign.Attempt{EnrollmentID: enrollmentID, StepID: stepID}, "heard", "", text, by)
}

// settleDoubt records that a message has arrived whose answer was lost: something names it
// that can only know it from having received it, more than an operator who has said that it was not sent: no other visit
// may send it once more. The contact that is parked on it goes on.
// An open claim is left to the attempt that has it (heardOfDelivery). False when there was no doubt.
func settleDoubt(ctx context.Context, tx pgx.Tx, of heardOf, words string) (bool, error) {
	var state campaign.DeliveryState
	var account string
	err := tx.QueryRow(ctx, `
		WITH given_up AS (
			SELECT enrollment_id, step_id, visit, state FROM deliveries
			 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND (state = 'uncertain' OR state = 'failed' AND assumed_by <> '') FOR UPDATE)
		UPDATE deliveries d SET state = 'sent', reply = $4, settled_at = clock_timestamp()
		  FROM given_up u WHERE (d.enrollment_id, d.step_id, d.visit) = (u.enrollment_id, u.step_id, u.visit)
		RETURNING u.state, d.account`, of.EnrollmentID, of.StepID, of.Visit, words).Scan(&state, &account)
	if isMissing(err) {
		return false, nil
	}
	if err == nil && state == campaign.Failed { // what its account has spent was counted without it
		err = countAnew(ctx, tx, account)
	}
	if err != nil {
		return false, err
	}
	if err := heardNote(ctx, tx, of.EnrollmentID, of.StepID, words, heardBy); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO outbox (kind, campaign, contacts, code, assume, by, note)
		SELECT 'resume', campaign, ARRAY[contact_id], code, $3, $4, $5 FROM enrollments
		 WHERE id = $1 AND code = 'DeliveryUncertain' AND step_id = $2 AND visit_base < $6`,
		of.EnrollmentID, of.StepID, campaign.AssumeSent, heardBy, words, of.Visit)
	return true, err
}

// suppress keeps an address from every email; false when it was suppressed before. The words
// are noted with it. What the person says counts more than an import, or the hand of an operator, who may take that back.
func suppress(ctx context.Context, tx pgx.Tx, target, reason string, words failure.Words, by string) (bool, error) {
	note := noteText(words)
	tag, err := tx.Exec(ctx, `INSERT INTO suppressions (target, reason, note, by, words) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (target) DO UPDATE SET reason = excluded.reason, note = excluded.note, by = excluded.by, words = excluded.words, at = clock_timestamp()
		WHERE suppressions.reason IN ('imported', 'by_hand') AND excluded.reason NOT IN ('imported', 'by_hand')`, target, reason, note, by, keepWords(note, &words))
	return tag.RowsAffected() > 0, err
}
