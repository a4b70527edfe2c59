package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Hold detects and records in one transaction (law 3): it takes the rows that
// the decision depends on, reads the facts again, asks check, and writes the
// park, the pause or the wait that check finds. A fix takes the same rows
// exclusively, so either check sees the fix or the fix sees the park. When
// check finds nothing (any more), or the message is out already, nothing is held.
//
// A claim that an earlier attempt has left is taken from it: a worker that was
// given up and lives must not send for a contact that is held (laws 1 and 2).
func (s *Store) Hold(ctx context.Context, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	var held campaign.Held
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		held = campaign.Held{}
		if err := lockEnrollment(ctx, tx, attempt); err != nil {
			return err
		}
		if open, ok, err := openPark(ctx, tx, attempt); err != nil || ok {
			held.Parked = &open
			return err
		}
		if err := notPausedSince(ctx, tx, attempt); err != nil {
			return err
		}
		left, err := readDelivery(ctx, tx, attempt, attempt.Visit)
		switch {
		case isMissing(err):
		case err != nil:
			return err
		case left.State == campaign.Reserved:
			if err := lockFacts(ctx, tx, attempt, changes{plan: left.CostsCredit}); err != nil {
				return err
			}
			if err := giveUp(ctx, tx, left, campaign.Failed, left.Reply); err != nil {
				return err
			}
		case left.State != campaign.Failed:
			return nil // look again: what is out counts before what is wrong
		}
		held, err = s.hold(ctx, tx, attempt, check)
		return err
	})
	return held, err
}

func (s *Store) hold(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, check campaign.Check) (campaign.Held, error) {
	if err := lockFacts(ctx, tx, attempt, changes{}); err != nil {
		return campaign.Held{}, err
	}
	facts, err := s.facts(ctx, tx, attempt, "")
	if err != nil {
		return campaign.Held{}, err
	}
	if attempt.Follows && facts.Campaign.Version != attempt.Version {
		return campaign.Held{}, nil // look again: the step may not be what comes next any more
	}
	finding := check(facts)
	if finding.Stop != nil {
		if err := end(ctx, tx, attempt.EnrollmentID, *finding.Stop, heardBy); err != nil {
			return campaign.Held{}, err
		}
		return campaign.Held{}, leaveLine(ctx, tx, attempt.EnrollmentID)
	}
	if finding.Place == nil { // also when nothing is in its way: the signal is on its way
		if waits, err := standing(ctx, tx, attempt); err != nil || waits {
			return campaign.Held{InLine: waits}, err
		}
	}
	switch {
	case finding.Problem != nil:
		parked, err := park(ctx, tx, attempt, *finding.Problem)
		if _, exists := facts.Campaign.Step(attempt.StepID); err == nil && !exists && !attempt.Follows {
			err = beginToFollow(ctx, tx, attempt)
		}
		return campaign.Held{Parked: &parked}, err
	case finding.Paused:
		return campaign.Held{Paused: true}, pause(ctx, tx, attempt)
	case finding.Place != nil:
		return campaign.Held{InLine: true}, stand(ctx, tx, attempt, *finding.Place)
	case !finding.Until.IsZero():
		return campaign.Held{Until: finding.Until}, wait(ctx, tx, attempt, finding.Until)
	}
	return campaign.Held{}, nil
}

// lockFacts takes the rows that a park depends on, always in this order: the
// enrollment for itself, the rest shared with other parks and closed to fixes.
// What the transaction changes, it takes for itself at once and in its place: a
// row that was changed before the others are locked, or shared before it is
// changed, is how two transactions wait for each other.
func lockFacts(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, changed changes) error {
	if err := lockEnrollment(ctx, tx, attempt); err != nil {
		return err
	}
	var owner string
	var senders []string
	if err := tx.QueryRow(ctx, `SELECT owner, senders || coalesce(sender, '') FROM campaigns WHERE key = $1 FOR SHARE`,
		attempt.CampaignKey).Scan(&owner, &senders); err != nil {
		return fmt.Errorf("locking campaign %s: %w", attempt.CampaignKey, err)
	}
	if len(senders) > 1 { // its own may be none of them any more
		var own string
		if err := tx.QueryRow(ctx, `SELECT coalesce(`+ownSenderSQL+`, '') FROM enrollments e JOIN campaigns c ON c.key = e.campaign WHERE e.id = $1`,
			attempt.EnrollmentID).Scan(&own); err != nil {
			return err
		}
		senders = append(senders, own)
	}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT FROM contacts WHERE id = $1 FOR SHARE`, attempt.ContactID)
	batch.Queue(`SELECT FROM users WHERE key = $1 FOR SHARE`, owner)
	accounts := `address = ANY ($1::text[] || (SELECT ` + mailedFromSQL + ` FROM enrollments e WHERE e.id = $2)) ORDER BY address `
	batch.Queue(`SELECT FROM email_accounts WHERE `+accounts+mode(changed.account != ""), append(senders, changed.account), attempt.EnrollmentID)
	batch.Queue(`SELECT FROM plan ` + mode(changed.plan))
	batch.Queue(`SELECT FROM mailboxes WHERE `+accounts+mode(false), senders, attempt.EnrollmentID)
	return tx.SendBatch(ctx, batch).Close()
}

// changes is what a transaction changes of the rows that parks depend on.
type changes struct {
	account string // the address of the email account, "" for none
	plan    bool   // a credit goes back
}

func mode(exclusive bool) string {
	if exclusive {
		return `FOR NO KEY UPDATE`
	}
	return `FOR SHARE`
}

// errRoundBefore is campaign.ErrSuperseded of an attempt whose enrollment has been enrolled again.
var errRoundBefore = fmt.Errorf("it has been enrolled again: %w", campaign.ErrSuperseded)

// lockEnrollment takes the enrollment and refuses one that has ended, has been enrolled again or has gone
// past the step: the attempt is then stale, and its result no longer counts. Its position alone does not say that
// of a round before: one that was ended in a wait has an attempt a position further.
func lockEnrollment(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	var stepIndex, visitBase int
	var status campaign.Status
	err := tx.QueryRow(ctx, `SELECT step_index, visit_base, status FROM enrollments WHERE id = $1 FOR UPDATE`, attempt.EnrollmentID).Scan(&stepIndex, &visitBase, &status)
	switch {
	case err != nil:
		return named(err, "enrollment", attempt.EnrollmentID)
	case visitBase > 0 && attempt.Visit <= visitBase:
		return errRoundBefore
	case stepIndex > attempt.StepIndex, status.Ended():
		return campaign.ErrSuperseded
	}
	return nil
}

// park puts the enrollment in error under the next park number. A park that is
// open and was not resumed yet was written by a lost answer of this very
// attempt, and is returned as it is: a park is never counted twice.
func park(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, problem failure.Problem) (failure.Parked, error) {
	if open, ok, err := openPark(ctx, tx, attempt); err != nil || ok {
		return open, err
	}
	if err := closePark(ctx, tx, attempt); err != nil {
		return failure.Parked{}, err
	}
	if err := keepPlace(ctx, tx, attempt.EnrollmentID); err != nil {
		return failure.Parked{}, err
	}
	parked := failure.Parked{Problem: problem}
	var seq int64
	err := tx.QueryRow(ctx, `
		UPDATE enrollments SET
		       status = 'InError', step_id = $2, step_index = $3, next_at = NULL,
		       park_id = park_id + 1, park_seq = nextval('fact_seq'), parked_at = clock_timestamp(),
		       code = $4, detail = $5, cause = $6, words = $8,
		       attempts = coalesce((SELECT max(epoch) FROM deliveries d WHERE d.enrollment_id = $1 AND d.step_id = $2 AND d.visit = $7), 0)
		 WHERE id = $1
		RETURNING park_id, park_seq, parked_at, attempts`,
		attempt.EnrollmentID, attempt.StepID, attempt.StepIndex, problem.Code, problem.Detail, problem.Cause().Thing(), attempt.Visit, keepWords(problem.Detail, problem.Words),
	).Scan(&parked.ParkID, &seq, &parked.Since, &parked.Attempts)
	if err != nil {
		return failure.Parked{}, err
	}
	if err := listCauses(ctx, tx, attempt, parked, seq); err != nil {
		return failure.Parked{}, err
	}
	return parked, note(ctx, tx, attempt, "in_error", problem.Code, problem.Message(), "")
}

// listCauses lists the park under each of its causes, for the fixes that come (law 3).
func listCauses(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, parked failure.Parked, seq int64) error {
	for _, cause := range parked.Problem.Causes {
		if _, err := tx.Exec(ctx, `INSERT INTO parked_on (cause, seq, enrollment_id, park_id, variable) VALUES ($1, $2, $3, $4, nullif($5, ''))`,
			cause, seq, attempt.EnrollmentID, parked.ParkID, parked.Problem.Variable); err != nil {
			return err
		}
	}
	return nil
}

// causesSQL lists the causes of the open park of enrollment e, the one that is
// shown first; variableSQL is the variable that its message misses, or empty.
const (
	causesSQL   = `ARRAY(SELECT p.cause FROM parked_on p WHERE p.enrollment_id = e.id ORDER BY starts_with(p.cause, coalesce(e.cause, '')) DESC, p.cause)`
	variableSQL = `CASE e.code WHEN 'MessageCannotBeRendered' THEN coalesce((SELECT p.variable FROM parked_on p WHERE p.enrollment_id = e.id AND p.variable IS NOT NULL LIMIT 1), '') ELSE '' END`
)

func openPark(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (failure.Parked, bool, error) {
	var parked failure.Parked
	var words *keptWords
	err := tx.QueryRow(ctx, `
		SELECT park_id, parked_at, code, detail, words, attempts, `+causesSQL+`, `+variableSQL+`
		  FROM enrollments e WHERE id = $1 AND status = 'InError' AND park_id > $2`,
		attempt.EnrollmentID, attempt.ResumedPark,
	).Scan(&parked.ParkID, &parked.Since, &parked.Problem.Code, &parked.Problem.Detail, &words, &parked.Attempts,
		&parked.Problem.Causes, &parked.Problem.Variable)
	if isMissing(err) {
		return failure.Parked{}, false, nil
	}
	parked.Problem.Words = words.of(parked.Problem.Detail)
	return parked, err == nil, err
}

// noParkSQL is an UPDATE's list of what an enrollment without an open park has.
const noParkSQL = `park_seq = NULL, parked_at = NULL, code = NULL, detail = NULL, words = NULL, cause = NULL, attempts = NULL`

// closePark takes an enrollment out of InError or Paused, if it is in one, and
// leaves a note of who resumed it.
func closePark(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	tag, err := tx.Exec(ctx, `
		UPDATE enrollments SET status = 'Active', next_at = NULL,
		       `+noParkSQL+`
		 WHERE id = $1 AND status IN ('InError', 'Paused')`, attempt.EnrollmentID)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM parked_on WHERE enrollment_id = $1`, attempt.EnrollmentID); err != nil {
		return err
	}
	var resume campaign.Resume
	if attempt.Resume != nil {
		resume = *attempt.Resume
	}
	return note(ctx, tx, attempt, "resumed", "", resume.Note, resume.By)
}

// pause holds an enrollment at its step for as long as its campaign is paused (law 7).
func pause(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	if paused, err := isPaused(ctx, tx, attempt); err != nil || paused {
		return err
	}
	if err := closePark(ctx, tx, attempt); err != nil {
		return err
	}
	if err := keepPlace(ctx, tx, attempt.EnrollmentID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Paused', step_id = $2, step_index = $3, next_at = NULL WHERE id = $1`,
		attempt.EnrollmentID, attempt.StepID, attempt.StepIndex); err != nil {
		return err
	}
	return holdPaused(ctx, tx, attempt)
}

// holdPaused lists the enrollment as one that waits for its campaign to go on.
func holdPaused(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	if _, err := tx.Exec(ctx, `INSERT INTO parked_on (cause, seq, enrollment_id, park_id) VALUES ($1, nextval('fact_seq'), $2, 0)`,
		failure.CampaignActive(attempt.CampaignKey), attempt.EnrollmentID); err != nil {
		return err
	}
	return note(ctx, tx, attempt, "paused", "", "The campaign is paused.", "")
}

// isPaused is true when a lost answer, or an earlier round, has already paused
// the enrollment at this step.
func isPaused(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (bool, error) {
	var paused bool
	err := tx.QueryRow(ctx, `SELECT status = 'Paused' AND step_index = $2 FROM enrollments WHERE id = $1`,
		attempt.EnrollmentID, attempt.StepIndex).Scan(&paused)
	return paused, err
}

// notPausedSince refuses a stale attempt that began before another one paused the enrollment: the
// workflow waits for the campaign to go on, and is signalled only while its row is paused (law 2).
func notPausedSince(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	if attempt.Seen == "" || attempt.Seen == campaign.Paused {
		return nil
	}
	var paused bool
	err := tx.QueryRow(ctx, `SELECT status = 'Paused' FROM enrollments WHERE id = $1`, attempt.EnrollmentID).Scan(&paused)
	if err == nil && paused {
		return campaign.ErrSuperseded
	}
	return err
}

// wait records a not-yet (law 7): the enrollment is Waiting, not in error.
func wait(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, until time.Time) error {
	if err := closePark(ctx, tx, attempt); err != nil {
		return err
	}
	if err := keepPlace(ctx, tx, attempt.EnrollmentID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Waiting', step_id = $2, step_index = $3, next_at = $4 WHERE id = $1`,
		attempt.EnrollmentID, attempt.StepID, attempt.StepIndex, until)
	return err
}

func note(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, kind string, code failure.Code, text, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO notes (enrollment_id, step_id, kind, code, text, by) VALUES ($1, $2, $3, $4, $5, $6)`,
		attempt.EnrollmentID, attempt.StepID, kind, code, text, by)
	return err
}
