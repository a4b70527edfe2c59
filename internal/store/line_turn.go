package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Law 8 is here: a message of an account with a pace is decided under the lock of its row
// in account_pace, twice. The claim takes the account's one turn; the gate looks at the
// clock again and spends. No other statement lets such a message pass. The locks come
// after all others: account_pace, then line.

// takeTurn lets a claim of a timed message pass, or refuses it: campaign.ErrNoTurn. A free
// account has no turns; only the window is asked.
func (s *Store) takeTurn(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, draft campaign.Draft) error {
	facts, err := s.timedFacts(ctx, tx, attempt, draft.Account)
	if err != nil {
		return err
	}
	if finding := campaign.CheckTurn(facts); !finding.Clear() {
		return campaign.ErrNoTurn
	}
	// It is no longer one that waits for a turn.
	if _, err := tx.Exec(ctx, `UPDATE enrollments SET status = 'Active' WHERE id = $1 AND status = 'Waiting' AND next_at IS NULL`, attempt.EnrollmentID); err != nil {
		return err
	}
	if !facts.Paced() {
		return nil
	}
	account, _, err := facts.Rules()
	if err != nil {
		return err
	}
	// An account whose claims come to nothing loses a gap each time, so it is never hurried.
	next := account.After(facts.Turn.Spent, facts.Now, draft.Account, facts.Turn.Seq+1).Next
	if _, err := tx.Exec(ctx, `UPDATE account_pace SET next_at = $2, look_at = NULL WHERE address = $1`, draft.Account, next); err != nil {
		return err
	}
	place := facts.Place()
	if place.Band == campaign.FirstMails {
		if err := goBehind(ctx, tx, draft.Account, attempt.CampaignKey); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO line AS l (enrollment_id, step_id, campaign, account, unbound, zone, band, state, granted_at)
		VALUES ($1, $2, $3, $4, $8, $5, $6, 'claimed', $7)
		    ON CONFLICT (enrollment_id) DO UPDATE
		   SET account = excluded.account, unbound = excluded.unbound, zone = excluded.zone, band = excluded.band, state = 'claimed', not_before = NULL,
		       granted_at = excluded.granted_at, step_id = excluded.step_id, charged = NULL,
		       seq = CASE l.step_id WHEN excluded.step_id THEN l.seq ELSE excluded.seq END,
		       since = CASE l.step_id WHEN excluded.step_id THEN l.since ELSE excluded.since END`,
		attempt.EnrollmentID, attempt.StepID, attempt.CampaignKey, draft.Account, place.Zone, place.Band, facts.Now, place.Unbound)
	return err
}

// goBehind has a campaign's first mails come after those of all others in an account's line:
// one of them has the turn.
func goBehind(ctx context.Context, tx pgx.Tx, address, key string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO campaign_turns (account, campaign, turn)
		SELECT $1, $2, coalesce(max(turn), 0) + 1 FROM campaign_turns WHERE account = $1
		    ON CONFLICT (account, campaign) DO UPDATE SET turn = excluded.turn`, address, key)
	return err
}

// spendTurn is the gate's look: the claim still has the account's turn, and the clock still
// allows the message, so that it is spent. Else campaign.ErrNoTurn. It returns the moment
// that it has decided about. The ledger does not count the message yet.
func (s *Store) spendTurn(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery) (time.Time, error) {
	facts, err := s.timedFacts(ctx, tx, campaign.Attempt{EnrollmentID: delivery.EnrollmentID, StepID: delivery.StepID, Visit: delivery.Visit}, delivery.Account)
	if err != nil {
		return time.Time{}, err
	}
	account, window, err := facts.Rules()
	if err != nil {
		return time.Time{}, err
	}
	spent := facts.Turn.Spent
	spent.Next = time.Time{} // the claim has set it, for the others
	at, _, err := account.When(facts.Now, window, spent)
	if err != nil || at.After(facts.Now) {
		return time.Time{}, campaign.ErrNoTurn
	}
	if !facts.Paced() {
		return facts.Now, nil
	}
	after := account.After(spent, facts.Now, delivery.Account, facts.Turn.Seq+1)
	tag, err := tx.Exec(ctx, `
		UPDATE line SET state = 'held', charged = $4::date
		 WHERE enrollment_id = $1 AND step_id = $2 AND account = $3 AND state = 'claimed'`,
		delivery.EnrollmentID, delivery.StepID, delivery.Account, after.Day.String())
	if err != nil {
		return time.Time{}, err
	}
	if tag.RowsAffected() == 0 {
		return time.Time{}, campaign.ErrNoTurn // it has lapsed, and may be another's
	}
	_, err = tx.Exec(ctx, `
		UPDATE account_pace SET next_at = $2, look_at = NULL, day = $3::date, count = $4, sending_day = $5, seq = seq + 1 WHERE address = $1`,
		delivery.Account, after.Next, after.Day.String(), after.Count, after.SendingDay)
	return facts.Now, err
}

// timedFacts reads the facts under the lock of the account's pace. What it has spent is
// counted in the ledger where the row does not know it: when nothing has left yet at this
// pace, and when a clock that was put back has come to a date that is over.
func (s *Store) timedFacts(ctx context.Context, tx pgx.Tx, attempt campaign.Attempt, address string) (campaign.Facts, error) {
	shared, err := lockTimed(ctx, tx, address)
	if err != nil {
		return campaign.Facts{}, err
	}
	facts, err := s.facts(ctx, tx, attempt, address)
	switch {
	case err != nil:
		return campaign.Facts{}, err
	case shared && facts.Paced(): // it has been given a pace meanwhile: the next look decides alone
		return campaign.Facts{}, campaign.ErrNoTurn
	case facts.Account == nil || facts.Account.Address != address: // another sender was selected meanwhile
		return campaign.Facts{}, campaign.ErrNoTurn
	case !facts.Paced():
		return facts, nil
	}
	account, _, err := facts.Rules()
	if err != nil {
		return campaign.Facts{}, err
	}
	today := pace.DateOf(facts.Now.In(account.Hours.Zone))
	if day := facts.Turn.Spent.Day; day == (pace.Date{}) || today.Before(day) {
		facts.Turn.Spent, err = rebuildSpent(ctx, tx, address, account)
	}
	return facts, err
}

// recount keeps what a refused claim has counted in the ledger, which went with its
// transaction: the next look finds by it that the contact has to wait. Else look and claim
// would contradict each other until the retry is used up, and waiting is no error (law 7).
func (s *Store) recount(ctx context.Context, attempt campaign.Attempt, address string) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		_, err := s.timedFacts(ctx, tx, attempt, address)
		return err
	})
	if errors.Is(err, campaign.ErrNoTurn) { // it has another sender by now
		return nil
	}
	return err
}

// lockTimed takes the row under which an account's messages are decided. An account without
// a pace spends nothing, so its messages share it with each other and with the giver: when
// a window opens, many are decided at once. An edit waits for all of them, and they for it.
func lockTimed(ctx context.Context, tx pgx.Tx, address string) (shared bool, err error) {
	var rules *pace.AccountRules
	err = tx.QueryRow(ctx, `
		WITH made AS (INSERT INTO account_pace (address) VALUES ($1) ON CONFLICT DO NOTHING)
		SELECT (SELECT pace FROM email_accounts WHERE address = $1)`, address).Scan(&rules)
	if err != nil {
		return false, err
	}
	if rules != nil && rules.Free() {
		_, err = tx.Exec(ctx, `SELECT FROM account_pace WHERE address = $1 FOR KEY SHARE`, address)
		return true, err
	}
	return false, lockPace(ctx, tx, address)
}

// lockPace takes the row for one decision alone.
func lockPace(ctx context.Context, tx pgx.Tx, address string) error {
	_, err := tx.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1) ON CONFLICT DO NOTHING`, address)
	if err == nil {
		_, err = tx.Exec(ctx, `SELECT FROM account_pace WHERE address = $1 FOR UPDATE`, address)
	}
	return err
}

// countAnew has the next claim count in the ledger what an account has spent.
func countAnew(ctx context.Context, tx pgx.Tx, address string) error {
	_, err := tx.Exec(ctx, `UPDATE account_pace SET day = NULL, count = 0, sending_day = 0, look_at = NULL WHERE address = $1`, address)
	return err
}

// giveBackTurn has a claim that came to nothing give its place in line back. The gap stays: the account
// has been at work.
func giveBackTurn(ctx context.Context, tx pgx.Tx, delivery campaign.Delivery) error {
	if delivery.Kind != campaign.Email {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE line SET charged = NULL, state = 'held', granted_at = NULL WHERE enrollment_id = $1 AND step_id = $2`,
		delivery.EnrollmentID, delivery.StepID)
	return err
}
