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

// MarkSent settles a delivery that the server has accepted, and moves the
// enrollment on to next, in one statement. An acceptance that comes after
// another attempt has declared the delivery uncertain is still the truth: it
// is recorded, and the parked contact is signalled. The row of the enrollment is
// left to the attempt that ends that park: ErrLate. With ErrEdited the delivery is settled, and the
// enrollment stays where it is: next is not what comes next any more, see AcceptSent. So it is of one that was ended while
// its message passed its gate: its workflow would else end as Completed after the last one (law 2).
// The enrollment is locked before the delivery, as everywhere, in a statement of its own: the
// one that follows sees every edit that this lock has waited for.
func (s *Store) MarkSent(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, reply string) error {
	batch := &pgx.Batch{}
	batch.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	batch.Queue(`SELECT FROM enrollments WHERE id = $1 FOR UPDATE`, attempt.EnrollmentID)
	batch.Queue(markSentSQL, advanceArgs(attempt, pgx.NamedArgs{"visit": delivery.Visit, "epoch": delivery.Epoch, "reply": reply}))
	batch.Queue(`COMMIT`)
	settled, unedited, err := markedSent(s.pool.SendBatch(ctx, batch))
	switch {
	case err != nil:
		return mapError(err)
	}
	s.keepFolded(ctx)
	switch {
	case settled && !unedited:
		return campaign.ErrEdited
	case settled:
		return nil
	}
	if err := s.settleLate(ctx, attempt, delivery, campaign.Sent, campaign.AssumeSent, reply); err != nil {
		return err
	}
	return campaign.ErrLate
}

const markSentSQL = `
	WITH settled AS (
		UPDATE deliveries SET state = 'sent', reply = @reply, settled_at = clock_timestamp()
		 WHERE enrollment_id = @enrollment AND step_id = @step AND visit = @visit AND epoch = @epoch AND state = 'wire'
		   AND EXISTS (SELECT FROM enrollments WHERE id = @enrollment)
		RETURNING 1),
	advanced AS (` + advanceSQL + ` AND EXISTS (SELECT FROM settled)
	   AND EXISTS (SELECT FROM enrollments e WHERE e.id = @enrollment AND ` + uneditedSQL + `)),
	unparked AS (DELETE FROM parked_on WHERE enrollment_id = @enrollment AND EXISTS (SELECT FROM settled)),
	left_line AS (DELETE FROM line WHERE enrollment_id = @enrollment AND EXISTS (SELECT FROM settled))
	SELECT EXISTS (SELECT FROM settled), EXISTS (SELECT FROM enrollments e WHERE e.id = @enrollment AND e.status <> 'Disenrolled' AND ` + uneditedSQL + `)`

// markedSent reads the answers to MarkSent's statements; only the commit's makes them true.
func markedSent(answers pgx.BatchResults) (settled, unedited bool, err error) {
	defer func() { err = errors.Join(err, answers.Close()) }()
	for range 2 { // begin, lock
		if _, err := answers.Exec(); err != nil {
			return false, false, err
		}
	}
	if err := answers.QueryRow().Scan(&settled, &unedited); err != nil {
		return false, false, err
	}
	if tag, err := answers.Exec(); err != nil || tag.String() != "COMMIT" {
		return false, false, errors.Join(err, fmt.Errorf("the answer was not committed: %s", tag))
	}
	return settled, unedited, nil
}

// advanceSQL moves an enrollment on to the next step. It leaves alone one that
// has gone further or has ended: a position only grows, see campaign.Attempt.StepIndex. The edit of
// which its workflow is to be signalled stays: the attempt may be a stale one, and the workflow wait in a line for that
// signal alone (law 3). Who has looked by itself looks once more.
const advanceSQL = `
	UPDATE enrollments SET
	       status = CASE WHEN @completed THEN 'Completed' WHEN @wait::interval > '0' THEN 'Waiting' ELSE 'Active' END,
	       step_id = CASE WHEN @completed THEN @step ELSE @next_step END,
	       step_index = CASE WHEN @completed THEN @step_index + 1 ELSE @next_index END,
	       next_at = CASE WHEN NOT @completed AND @wait::interval > '0' THEN coalesce(@next_at::timestamptz, clock_timestamp() + @wait::interval) END,
	       ended_at = CASE WHEN @completed THEN clock_timestamp() END, follows = follows OR @follows,
	       ` + noParkSQL + `
	 WHERE id = @enrollment AND step_index <= @step_index AND ` + runningSQL

func advanceArgs(attempt campaign.Attempt, more pgx.NamedArgs) pgx.NamedArgs {
	var nextAt *time.Time // else it is so long from now
	if !attempt.Next.At.IsZero() {
		nextAt = &attempt.Next.At
	}
	stepID, index := attempt.Next.Stands()
	args := pgx.NamedArgs{
		"enrollment": attempt.EnrollmentID, "step": attempt.StepID, "step_index": attempt.StepIndex,
		"completed": attempt.Next.Completed, "wait": attempt.Next.Wait, "next_at": nextAt, "next_step": stepID, "next_index": index,
		"follows": attempt.Follows, "version": attempt.Next.Version,
	}
	for name, value := range more {
		args[name] = value
	}
	return args
}

// settleLate records an answer that came after the delivery had been given up
// as uncertain, and resumes the park that asks for it with that answer.
func (s *Store) settleLate(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, state campaign.DeliveryState, answer campaign.Assume, reply string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		// The answer is for the park of this step, and for no later uncertain delivery of the contact (law 4).
		var doubted bool
		if err := tx.QueryRow(ctx, `
			SELECT code IS NOT DISTINCT FROM 'DeliveryUncertain' AND step_id = $2 AND step_index = $3 AND visit_base < $4 FROM enrollments WHERE id = $1 FOR UPDATE`,
			attempt.EnrollmentID, attempt.StepID, attempt.StepIndex, delivery.Visit).Scan(&doubted); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			WITH given_up AS (
				SELECT enrollment_id, step_id, visit, state FROM deliveries
				 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch = $4
				   AND (state = 'uncertain' OR (state = 'failed' AND assumed_by <> '' AND $5 = 'sent'))
				   FOR UPDATE)
			UPDATE deliveries d SET state = $5, reply = $6, settled_at = clock_timestamp()
			  FROM given_up u WHERE (d.enrollment_id, d.step_id, d.visit) = (u.enrollment_id, u.step_id, u.visit)
			RETURNING d.wire_at, u.state`,
			delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch, state, reply)
		if err != nil {
			return err
		}
		before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[struct {
			Passed *time.Time
			State  campaign.DeliveryState
		}])
		switch {
		case isMissing(err):
			return campaign.ErrSuperseded
		case err != nil:
			return err
		}
		switch {
		case state == campaign.Failed:
			if err := releaseCredit(ctx, tx, attempt, delivery.Visit); err != nil {
				return err
			}
			// Its place is as its park has left it, or it stands in line already for what an operator has said.
			if err := giveBackBudget(ctx, tx, delivery.Account, before.Passed); err != nil {
				return err
			}
		case before.State == campaign.Failed && delivery.Account != "": // a day that was counted anew since is without it
			if err := countAnew(ctx, tx, delivery.Account); err != nil {
				return err
			}
		}
		if !doubted {
			return nil
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO outbox (kind, campaign, contacts, code, assume, by, note)
			VALUES ('resume', $1, ARRAY[$2::bigint], $3, $4, 'server', 'The server''s answer came late: ' || $5)`,
			attempt.CampaignKey, attempt.ContactID, failure.DeliveryUncertain, answer, reply)
		return err
	})
}

// AcceptSent is the way on from a delivery that has been sent already: it closes
// the park that the attempt resumes, if one is open, and moves the enrollment on
// from this step. With assume set, an uncertain delivery is first settled as sent
// on the operator's word. False when there is nothing sent (any more), or when a
// park is open that the attempt has not resumed, or the enrollment was disenrolled or enrolled again: the attempt has to learn of that first.
func (s *Store) AcceptSent(ctx context.Context, attempt campaign.Attempt, assume bool) (campaign.Delivery, bool, error) {
	var delivery campaign.Delivery
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		delivery = campaign.Delivery{}
		err := lockEnrollment(ctx, tx, attempt)
		gone := errors.Is(err, campaign.ErrSuperseded)
		switch {
		case errors.Is(err, errRoundBefore): // nothing of this round is its to settle, or was sent by it
			return nil
		case err != nil && !gone:
			return err
		}
		// An answer is for the park that was resumed with it, not for one that came since (law 4).
		// And the workflow waits at that one: an attempt that closed it here, a stale one perhaps, would
		// leave it there, for a resume that finds nothing to resume any more (law 2).
		_, newer, err := openPark(ctx, tx, attempt)
		if err != nil || newer && !gone {
			return err
		}
		if assume && !newer && attempt.Resume != nil {
			if _, err := tx.Exec(ctx, `
				UPDATE deliveries SET state = 'sent', assumed_by = coalesce(nullif($4, ''), 'operator'), settled_at = clock_timestamp()
				 WHERE enrollment_id = $1 AND step_id = $2 AND visit >= $3 AND state = 'uncertain'`,
				attempt.EnrollmentID, attempt.StepID, attempt.Visit, attempt.Resume.By); err != nil {
				return err
			}
		}
		delivery, err = collectDelivery(tx.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
			WHERE enrollment_id = $1 AND step_id = $2 AND visit > `+visitBaseSQL("$1")+` AND state = 'sent' ORDER BY visit LIMIT 1`,
			attempt.EnrollmentID, attempt.StepID))
		if isMissing(err) {
			return nil
		}
		if err == nil && gone { // a stale attempt must not touch the park of a later step (law 2)
			var ended bool
			if err = tx.QueryRow(ctx, `SELECT status = 'Disenrolled' FROM enrollments WHERE id = $1`, attempt.EnrollmentID).Scan(&ended); ended {
				delivery = campaign.Delivery{} // the attempt has to learn that: after the last step it would complete the workflow
			}
			return err
		}
		if err != nil {
			return err
		}
		if err := unedited(ctx, tx, attempt, attempt.Next.Version); err != nil {
			return err
		}
		if err := closePark(ctx, tx, attempt); err != nil {
			return err
		}
		if err := leaveLine(ctx, tx, attempt.EnrollmentID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, advanceSQL, advanceArgs(attempt, nil))
		return err
	})
	return delivery, delivery.State == campaign.Sent, err
}

// Fail settles a definite failure in one transaction: the delivery is given up,
// its credit goes back, what the server's answer says about the account or the
// address is recorded, and the park (or wait) that follows from it is written.
// All zero in return: the step may be tried again.
func (s *Store) Fail(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, refusal campaign.Refusal, check campaign.Check) (campaign.Held, error) {
	var held campaign.Held
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		held = campaign.Held{}
		if err := lockEnrollment(ctx, tx, attempt); err != nil {
			return err
		}
		changed := changes{plan: delivery.CostsCredit}
		if refusal.AccountError != "" || refusal.RestFor > 0 {
			changed.account = delivery.Account
		}
		if changed != (changes{}) || refusal.ChangesFacts() {
			if err := lockFacts(ctx, tx, attempt, changed); err != nil {
				return err
			}
		}
		state := campaign.Reserved
		if refusal.Final {
			state = campaign.Failed
		}
		if err := giveUp(ctx, tx, delivery, state, refusal.Reply); err != nil {
			return err
		}
		if err := recordRefusal(ctx, tx, delivery, refusal); err != nil {
			return err
		}
		if err := unedited(ctx, tx, attempt, attempt.Version); errors.Is(err, campaign.ErrEdited) {
			return noteRetry(ctx, tx, attempt, delivery, refusal) // the next try looks what comes
		} else if err != nil {
			return err
		}
		if refusal.Problem != nil {
			parked, err := park(ctx, tx, attempt, *refusal.Problem)
			held.Parked = &parked
			return err
		}
		if refusal.ChangesFacts() {
			if refusal.Check != nil {
				check = refusal.Check
			}
			var err error
			if held, err = s.hold(ctx, tx, attempt, check); err != nil {
				return err
			}
		}
		if held != (campaign.Held{}) {
			return nil
		}
		return noteRetry(ctx, tx, attempt, delivery, refusal)
	})
	if errors.Is(err, campaign.ErrSuperseded) {
		return held, s.settleLate(ctx, attempt, delivery, campaign.Failed, campaign.AssumeNotSent, refusal.Reply)
	}
	return held, err
}

func recordRefusal(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery, refusal campaign.Refusal) error {
	if refusal.AccountError != "" {
		// A failure seen with older settings says nothing about the account as it is now.
		if _, err := tx.Exec(ctx, `
			UPDATE email_accounts SET status = 'in_error', reason = $3, words = $4, changed_at = clock_timestamp()
			 WHERE address = $1 AND epoch = $2 AND status = 'connected'`,
			delivery.Account, delivery.AccountEpoch, refusal.AccountError, keepWords(refusal.AccountError, refusal.Words)); err != nil {
			return err
		}
	}
	if refusal.RestFor > 0 {
		if _, err := tx.Exec(ctx, `
			UPDATE email_accounts SET resting_until = greatest(resting_until, clock_timestamp() + $2::interval), rest_reason = $3
			 WHERE address = $1`, delivery.Account, refusal.RestFor, refusal.Reply); err != nil {
			return err
		}
	}
	if refusal.AccountError != "" || refusal.RestFor > 0 {
		if err := lookAgain(ctx, tx, delivery.Account); err != nil {
			return err
		}
	}
	if refusal.Bounced != "" {
		if _, err := tx.Exec(ctx, `INSERT INTO bounces (address, reason, added_by, words) VALUES (lower($1), $2, 'server', $3) ON CONFLICT DO NOTHING`,
			delivery.Recipient, refusal.Bounced, keepWords(refusal.Bounced, refusal.Words)); err != nil {
			return err
		}
	}
	return nil
}

// MarkUncertain settles a delivery whose answer was lost: uncertain, and parked (law 4). One that something
// names that was read meanwhile is sent; a look at the sender's mailbox is asked for otherwise.
func (s *Store) MarkUncertain(ctx context.Context, attempt campaign.Attempt, delivery campaign.Delivery, problem failure.Problem) (campaign.Held, error) {
	var held campaign.Held
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		held = campaign.Held{}
		if err := lockEnrollment(ctx, tx, attempt); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			UPDATE deliveries SET state = 'uncertain', reply = $5, settled_at = clock_timestamp()
			 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch <= $4 AND state IN ('wire', 'uncertain')`,
			delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch, problem.Detail)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			current, err := readDelivery(ctx, tx, attempt, delivery.Visit)
			held.Sent = err == nil && current.State == campaign.Sent
			return err
		}
		words, err := heardOfDelivery(ctx, tx, attempt, delivery.Visit)
		if err != nil {
			return err
		}
		if words != "" {
			held.Sent = true
			return acceptHeard(ctx, tx, attempt, delivery.Visit, words)
		}
		parked, err := park(ctx, tx, attempt, problem)
		held.Parked = &parked
		return err
	})
	if err == nil && held.Parked != nil {
		s.wantLook(ctx, delivery.Account)
	}
	return held, err
}
