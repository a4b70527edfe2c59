package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relance/internal/campaign"
)

// Claim makes the caller the owner of one delivery (law 1): it inserts the row
// of the ledger, or takes over one that nobody can have sent, under the next
// epoch. The state of the returned delivery says what is to be done:
//
//	reserved   it is the caller's: send, and pass Gate before the dot
//	sent       it has been sent: use the receipt, send nothing
//	wire, uncertain   it may have been sent: park as DeliveryUncertain
//
// On a credit plan one credit is debited in the same transaction. What the
// first claim of a visit froze (Message-ID, date, boundary) is kept. The park
// that the attempt resumes is closed: the step goes on. ErrSuperseded when the
// enrollment has ended, has gone on, or has been held by another attempt. ErrNoTurn when
// the account may not send the message now (law 8).
func (s *Store) Claim(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	delivery, err := s.claimAtOnce(ctx, attempt, draft)
	if err != nil || delivery.State != "" {
		return delivery, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		inLine, err := admit(ctx, tx, attempt, draft)
		if err != nil {
			return err
		}
		earlier, settled, err := settleEarlierVisit(ctx, tx, attempt)
		if err != nil || settled {
			delivery = earlier
			return err
		}
		delivery, err = collectDelivery(tx.Query(ctx, takeOverSQL, takeOverArgs(attempt, draft, true)))
		if isMissing(err) {
			if delivery, err = readDelivery(ctx, tx, attempt, attempt.Visit); isMissing(err) {
				return campaign.ErrEdited // since it was admitted: an edit of anything but the steps waits for no enrollment
			}
			return err
		}
		if err != nil {
			return err
		}
		delivery.AccountEpoch, delivery.Timed = draft.AccountEpoch, draft.Timed
		if draft.CostsCredit && !delivery.CostsCredit {
			if err := debit(ctx, tx, &delivery); err != nil {
				return err
			}
		}
		if draft.Timed {
			if err := s.takeTurn(ctx, tx, attempt, draft); err != nil {
				return err
			}
		} else if inLine { // its account has become free: it waits for a turn no longer
			if _, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Active' WHERE id = $1`, attempt.EnrollmentID); err != nil {
				return err
			}
		}
		return closePark(ctx, tx, attempt)
	})
	if errors.Is(err, campaign.ErrNoTurn) {
		err = errors.Join(err, s.recount(ctx, attempt, draft.Account))
	}
	return delivery, err
}

// admit rejects stale attempts: their worker missed its heartbeat, was replaced, and
// is still running. Such a one must not close a park or a pause that another attempt
// has written since: the workflow waits at it, and no signal would come (law 2). Nor must it send
// for a visit that an operator has said was not sent: the next visit may have
// its dot out already, and a gate does not close for what is not known yet (law 1).
// InLine is true when the row waits for a turn: the attempt has it.
func admit(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, draft campaign.Draft) (inLine bool, err error) {
	if err := lockEnrollment(ctx, tx, attempt); err != nil {
		return false, err
	}
	var refused bool
	err = tx.QueryRow(ctx, `
		SELECT status = 'InError' AND park_id > $2 OR status = 'Paused' AND $3 NOT IN ('', 'Paused')
		       OR $5 <= visit_base OR EXISTS (SELECT FROM deliveries d WHERE d.enrollment_id = $1 AND d.step_id = $4 AND d.visit > $5),
		       status = 'Waiting' AND next_at IS NULL
		  FROM enrollments WHERE id = $1`,
		attempt.EnrollmentID, attempt.ResumedPark, draft.Seen, attempt.StepID, attempt.Visit).Scan(&refused, &inLine)
	switch {
	case err != nil:
		return false, err
	case refused:
		return false, campaign.ErrSuperseded
	}
	if err := unedited(ctx, tx, attempt, draft.Version); err != nil {
		return false, err
	}
	if waits, err := standing(ctx, tx, attempt); err != nil || waits {
		return false, errors.Join(err, campaign.ErrNoTurn)
	}
	return inLine, admitHeard(ctx, tx, attempt, draft)
}

// Law 1: the only place where a delivery gets an owner. A row at wire, sent or
// uncertain is never taken over; one that is reserved or has definitely failed
// was not accepted by any server. The caller holds the enrollment's lock, and has
// admitted the attempt; without that, only the straight way through is open. A row
// that stands further than the attempt makes it stale: a position only grows, see
// campaign.Attempt.StepIndex. So does a visit of a round before (enroll --again).
const takeOverSQL = `
INSERT INTO deliveries AS d (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, boundary, version, due_at)
SELECT e.id, @step, @visit, @kind, 'reserved', @account, @recipient, @subject, @message_id, @message_date, @boundary, nullif(@version, 0), @due
  FROM enrollments e
 WHERE e.id = @enrollment AND @visit > e.visit_base AND ` + uneditedSQL + ` AND (@admitted OR (e.status = 'Active' OR e.status = 'Waiting' AND e.next_at IS NOT NULL) AND e.step_index <= @step_index AND NOT ` + heardSQL + `
       AND NOT EXISTS (SELECT FROM deliveries v WHERE v.enrollment_id = e.id AND v.step_id = @step AND v.visit > @visit))
    ON CONFLICT (enrollment_id, step_id, visit) DO UPDATE
   SET epoch = d.epoch + 1, state = 'reserved', account = @account, recipient = @recipient, subject = @subject,
       reserved_at = clock_timestamp(), wire_at = NULL, settled_at = NULL, assumed_by = '', version = nullif(@version, 0), due_at = @due
 WHERE d.state IN ('reserved', 'failed')
RETURNING ` + deliveryColumns

func takeOverArgs(attempt campaign.Attempt, draft campaign.Draft, admitted bool) pgx.NamedArgs {
	return pgx.NamedArgs{
		"enrollment": attempt.EnrollmentID, "step": attempt.StepID, "step_index": attempt.StepIndex, "visit": attempt.Visit,
		"kind": draft.Kind, "account": draft.Account, "recipient": draft.Recipient, "subject": draft.Subject,
		"targets": targetsOf(draft), "message_id": draft.MessageID, "message_date": draft.Date, "boundary": draft.Boundary, "admitted": admitted,
		"version": draft.Version, "follows": attempt.Follows, "due": timeOrNull(draft.Due),
	}
}

// claimAtOnce is the claim of the straight way, in one round trip: a first visit
// that neither a park, a pause nor a line holds, that costs no credit and no turn. It takes the
// same lock and says the same statement as the long way, each with a snapshot of
// its own. A delivery without a state, and nothing written: the long way decides.
func (s *Store) claimAtOnce(ctx context.Context, attempt campaign.Attempt, draft campaign.Draft) (campaign.Delivery, error) {
	if attempt.Visit > 1 || draft.CostsCredit || draft.Timed {
		return campaign.Delivery{}, nil
	}
	batch := &pgx.Batch{}
	batch.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	batch.Queue(`SELECT FROM enrollments WHERE id = $1 FOR UPDATE`, attempt.EnrollmentID)
	batch.Queue(takeOverSQL, takeOverArgs(attempt, draft, false))
	batch.Queue(`COMMIT`)
	delivery, err := firstDelivery(s.pool.SendBatch(ctx, batch))
	switch {
	case isMissing(err), isConflict(err):
		return campaign.Delivery{}, nil
	case err != nil:
		return campaign.Delivery{}, err
	}
	delivery.AccountEpoch = draft.AccountEpoch
	return delivery, nil
}

// firstDelivery reads the answers to claimAtOnce's statements. Nothing is the
// caller's before the last of them, the commit's.
func firstDelivery(answers pgx.BatchResults) (delivery campaign.Delivery, err error) {
	defer func() { err = errors.Join(err, answers.Close()) }()
	for range 2 { // begin, lock
		if _, err := answers.Exec(); err != nil {
			return delivery, err
		}
	}
	if delivery, err = collectDelivery(answers.Query()); err != nil {
		return delivery, err
	}
	if tag, err := answers.Exec(); err != nil || tag.String() != "COMMIT" {
		return delivery, errors.Join(err, fmt.Errorf("the claim was not committed: %s", tag))
	}
	return delivery, nil
}

// Gate is the commit before the dot (law 1): it moves a delivery from reserved
// to wire for the epoch that owns it. campaign.ErrSuperseded means that another attempt
// does, or that another visit turned out to have been sent: send nothing. A timed message
// passes only with its account's turn, inside the hours (law 8): campaign.ErrNoTurn.
func (s *Store) Gate(ctx context.Context, delivery campaign.Delivery) error {
	err := s.gate(ctx, delivery)
	if err == nil || errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrNoTurn) {
		return err
	}
	return fmt.Errorf("the ledger could not be written before the final dot, so nothing was sent: %w", err)
}

func (s *Store) gate(ctx context.Context, delivery campaign.Delivery) error {
	if !delivery.Timed {
		if err := pass(ctx, s.pool, delivery, time.Time{}); !errors.Is(err, campaign.ErrSuperseded) {
			return err
		}
		return s.passUnlessTimed(ctx, delivery)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		// It is changed once, after the look: what is on the wire would be counted as sent already.
		if err := lockReserved(ctx, tx, delivery); err != nil {
			return err
		}
		at, err := s.spendTurn(ctx, tx, delivery)
		if err != nil {
			return err
		}
		return pass(ctx, tx, delivery, at)
	})
}

// lockReserved takes a delivery that its owner's epoch has still to send: its row before its
// account's, as everywhere. campaign.ErrSuperseded when there is none.
func lockReserved(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery) error {
	tag, err := tx.Exec(ctx, `SELECT FROM deliveries WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch = $4 AND state = 'reserved' FOR UPDATE`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch)
	if err == nil && tag.RowsAffected() == 0 {
		return campaign.ErrSuperseded
	}
	return err
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// passUnlessTimed lets a delivery pass that was claimed while its moment did not matter, if
// it does not matter yet: there can be a pace that limits nothing, and a window that is
// always open. Else it is claimed anew (law 8). Its row comes first: a limit that is set after the
// look waits for it, and counts it (see countLate).
func (s *Store) passUnlessTimed(ctx context.Context, delivery campaign.Delivery) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockReserved(ctx, tx, delivery); err != nil {
			return err
		}
		facts, err := s.facts(ctx, tx, campaign.Attempt{EnrollmentID: delivery.EnrollmentID, StepID: delivery.StepID, Visit: delivery.Visit}, delivery.Account)
		switch {
		case err != nil:
			return err
		case delivery.Kind == campaign.Email && (facts.Account == nil || facts.Account.Address != delivery.Account || facts.Timed()):
			return campaign.ErrNoTurn
		}
		delivery.Timed = true // it has been looked at
		return pass(ctx, tx, delivery, time.Time{})
	})
}

// pass lets a delivery of its owner's epoch pass. One that was claimed while its moment did
// not matter passes at once only where nothing is said of times, and by no sender from which its
// contact was moved meanwhile. It passes at the moment that was decided about, for the date on which it is counted has to be the ledger's; zero is now.
func pass(ctx context.Context, db execer, delivery campaign.Delivery, at time.Time) error {
	tag, err := db.Exec(ctx, `
		UPDATE deliveries d SET state = 'wire', wire_at = coalesce($6, clock_timestamp())
		 WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3 AND epoch = $4 AND state = 'reserved'
		   AND NOT EXISTS (SELECT FROM deliveries v
		                    WHERE v.enrollment_id = $1 AND v.step_id = $2 AND v.visit <> $3 AND v.visit > `+visitBaseSQL("$1")+` AND v.state = 'sent')
		   AND ($5 OR NOT EXISTS (SELECT FROM email_accounts a WHERE a.address = d.account AND a.pace <> '{}')
		              AND NOT EXISTS (SELECT FROM enrollments e JOIN campaigns c ON c.key = e.campaign
		                               WHERE e.id = $1 AND (c.send_window <> '{}' OR c.senders <> '{}' AND e.sender <> d.account))
		              AND NOT EXISTS (SELECT FROM calendar WHERE rules ? 'holidays'))`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit, delivery.Epoch, delivery.Timed, timeOrNull(at))
	if err == nil && tag.RowsAffected() == 0 {
		return campaign.ErrSuperseded
	}
	return err
}

// visitBaseSQL is the last visit of the rounds before, of the enrollment with this id.
func visitBaseSQL(id string) string {
	return `(SELECT visit_base FROM enrollments WHERE id = ` + id + `)`
}

// settleEarlierVisit settles the visit before this one: an operator said that
// it was not sent, so its credit goes back. Should the late answer of any visit
// say that it was, then it was sent, and this visit must not send again.
func settleEarlierVisit(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (campaign.Delivery, bool, error) {
	if attempt.Visit <= 1 {
		return campaign.Delivery{}, false, nil
	}
	if _, err := settleNotSent(ctx, tx, attempt); err != nil {
		return campaign.Delivery{}, false, err
	}
	earlier, err := collectDelivery(tx.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE enrollment_id = $1 AND step_id = $2 AND visit <> $3 AND visit > `+visitBaseSQL("$1")+` AND state = 'sent' ORDER BY visit LIMIT 1`,
		attempt.EnrollmentID, attempt.StepID, attempt.Visit))
	if isMissing(err) {
		return campaign.Delivery{}, false, nil
	}
	return earlier, err == nil, err
}

// debit takes one credit, unless the plan has become unlimited since the facts were read.
func debit(ctx context.Context, tx pgx.Tx, delivery *campaign.Delivery) error {
	var unlimited bool
	err := tx.QueryRow(ctx, `UPDATE plan SET credits = credits - (NOT unlimited)::int WHERE unlimited OR credits > 0 RETURNING unlimited`).Scan(&unlimited)
	switch {
	case isMissing(err):
		return campaign.ErrNoCredits
	case err != nil || unlimited:
		return err
	}
	delivery.CostsCredit = true
	_, err = tx.Exec(ctx, `UPDATE deliveries SET credit = true WHERE enrollment_id = $1 AND step_id = $2 AND visit = $3`,
		delivery.EnrollmentID, delivery.StepID, delivery.Visit)
	return err
}
