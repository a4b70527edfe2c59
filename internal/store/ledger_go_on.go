package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
)

// uneditedSQL is true of enrollment e when @version is that of its campaign, or when it keeps
// the steps with which it was started. Law 1 does not need it: it is what keeps a step that
// was removed from being sent, and an old text.
const uneditedSQL = `(NOT @follows OR EXISTS (SELECT FROM campaigns c WHERE c.key = e.campaign AND c.version = @version))`

// unedited is uneditedSQL for a transaction that holds the enrollment's lock: campaign.ErrEdited.
func unedited(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, version int) error {
	var same bool
	err := tx.QueryRow(ctx, `SELECT `+uneditedSQL+` FROM enrollments e WHERE e.id = @enrollment`,
		pgx.NamedArgs{"enrollment": attempt.EnrollmentID, "follows": attempt.Follows, "version": version}).Scan(&same)
	if err == nil && !same {
		return campaign.ErrEdited
	}
	return err
}

// GoOn has an enrollment go on to what comes next in the campaign as it is now, when that is
// not the attempt's step, or is due later: the way on after an edit. False when it is the
// step after all, or when its message may be out: look again. A claim that an
// earlier attempt has left is taken from it. campaign.ErrNoTurn when the enrollment waits for
// a turn and for nothing else: the attempt is stale.
//
// An enrollment that has gone on already, by an attempt whose answer was lost, stays where
// it is, and what comes next is the same.
func (s *Store) GoOn(ctx context.Context, attempt campaign.Attempt) (next campaign.Next, moved bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		next, moved = campaign.Next{}, false
		err := lockEnrollment(ctx, tx, attempt)
		gone := errors.Is(err, campaign.ErrSuperseded)
		switch {
		case errors.Is(err, errRoundBefore): // what comes is not its to go on to
			return nil
		case err != nil && !gone:
			return err
		}
		facts, err := s.facts(ctx, tx, attempt, "")
		if err != nil || facts.Status == campaign.Disenrolled {
			return err
		}
		coming, isThis := facts.Coming(attempt)
		if gone {
			next, moved = coming, !isThis
			return nil
		}
		if isThis {
			return nil
		}
		if may, err := mayGoOn(ctx, tx, attempt); err != nil || !may {
			return err
		}
		if err := closePark(ctx, tx, attempt); err != nil {
			return err
		}
		path := facts.Campaign.Path()
		if err := goOnInLine(ctx, tx, attempt, coming, path); err != nil {
			return err
		}
		next, moved, attempt.Next = coming, true, coming
		if after := path.Ahead(facts.Had).After; after != nil && coming.Completed {
			attempt.StepID = path.Current(after.StepID)
		}
		_, err = tx.Exec(ctx, advanceSQL, advanceArgs(attempt, nil))
		return err
	})
	return next, moved, err
}

// goOnInLine keeps the place in line of one that goes on to the same step under another name, as keepPlace
// does: a turn that it has is free for the next. What goes on to another step leaves the line.
func goOnInLine(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, coming campaign.Next, path campaign.Path) error {
	if coming.Completed || coming.WaitStep != "" || path.Current(attempt.StepID) != coming.StepID {
		return leaveLine(ctx, tx, attempt.EnrollmentID)
	}
	if _, err := tx.Exec(ctx, `UPDATE line SET step_id = $2 WHERE enrollment_id = $1`, attempt.EnrollmentID, coming.StepID); err != nil {
		return err
	}
	return keepPlace(ctx, tx, attempt.EnrollmentID)
}

// beginToFollow has an enrollment follow its campaign that keeps the steps with which it was started and
// has come to one that an edit has removed meanwhile. That edit has found it at a step before; as with any
// edit, it is resumed from the park that is open, whose cause is moot: nothing else would (law 3).
func beginToFollow(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) error {
	_, err := tx.Exec(ctx, `
		WITH late AS (INSERT INTO outbox (kind, campaign, by, total) VALUES ('edit', $2, 'edit', 1) RETURNING id)
		UPDATE enrollments SET edit = late.id FROM late WHERE enrollments.id = $1`, attempt.EnrollmentID, attempt.CampaignKey)
	return err
}

// mayGoOn says whether the step can be left without its message: it is not out, no park has
// to be reported first, and the workflow is not one that only a turn wakes.
func mayGoOn(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt) (bool, error) {
	if _, open, err := openPark(ctx, tx, attempt); err != nil || open {
		return false, err
	}
	if waits, err := standing(ctx, tx, attempt); err != nil {
		return false, err
	} else if waits {
		return false, campaign.ErrNoTurn
	}
	if _, sent, err := settleEarlierVisit(ctx, tx, attempt); err != nil || sent {
		return false, err
	}
	left, err := readDelivery(ctx, tx, attempt, attempt.Visit)
	switch {
	case isMissing(err):
		return true, nil
	case err != nil:
		return false, err
	case left.State == campaign.Reserved:
		if err := lockFacts(ctx, tx, attempt, changes{plan: left.CostsCredit}); err != nil {
			return false, err
		}
		return true, giveUp(ctx, tx, left, campaign.Failed, left.Reply)
	}
	return left.State == campaign.Failed, nil
}
