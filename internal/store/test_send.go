package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// NotNow refuses a test message that its account may not send now (law 8). It wraps
// ErrRefused.
type NotNow struct {
	Address string
	// Limit is what does not allow it: pace.AccountRests, AccountHours, DayLimit, Gap, or
	// HasTurn for as long as another message is on its way.
	Limit pace.Limit
	// Until is when the account may again; zero for HasTurn.
	Until time.Time
	// Used is what it has sent of its day, Words are the server's for its rest.
	Used  int
	Words string
}

// Error is one sentence, with the moment in the account's zone.
func (e *NotNow) Error() string {
	why := map[pace.Limit]string{
		pace.AccountRests: "rests, because its server said “" + e.Words + "”",
		pace.AccountHours: "is outside its hours",
		pace.DayLimit:     fmt.Sprintf("has reached its limit of the day (%d sent)", e.Used),
		pace.Gap:          "has just sent an email, and keeps its gap",
		pace.HasTurn:      "is sending a contact's message just now",
	}[e.Limit]
	if e.Until.IsZero() {
		return e.Address + " " + why + "; try again in a moment"
	}
	return e.Address + " " + why + "; it may send again at " + e.Until.Format("2006-01-02 15:04:05 MST")
}

// Unwrap makes it an ErrRefused.
func (*NotNow) Unwrap() error { return ErrRefused }

// TestSpent is a test message that an account has spent of its day.
type TestSpent struct {
	id      int64
	address string
}

// SpendTest has a test message of a campaign leave: under the lock of its account's pace, as
// a contact's does, so that gap and limit of the day hold for both. It is called at the gate,
// right before the final dot. A *NotNow when the account may not send now; the campaign's
// window does not count. An ErrRefused when the account is not connected.
func (s *Store) SpendTest(ctx context.Context, address, campaignKey, by string) (spent TestSpent, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		account, now, state, err := s.testFacts(ctx, tx, address)
		if err != nil {
			return err
		}
		spent = TestSpent{address: address}
		if err := tx.QueryRow(ctx, `INSERT INTO test_sends (account, sent_at, by) VALUES ($1, $2, $3) RETURNING id`, address, now, shortened(by, longestBy)).Scan(&spent.id); err != nil {
			return err
		}
		if !account.Free() {
			after := account.After(state.spent, now, address, state.seq+1)
			if _, err := tx.Exec(ctx, `
				UPDATE account_pace SET next_at = $2, look_at = NULL, day = $3::date, count = $4, sending_day = $5, seq = seq + 1 WHERE address = $1`,
				address, after.Next, after.Day.String(), after.Count, after.SendingDay); err != nil {
				return err
			}
		}
		return Activity{By: by, Kind: DidTest, Thing: ACampaign, Subject: campaignKey, Count: 1}.write(ctx, tx)
	})
	return spent, mapError(err)
}

// MayTest is the error that SpendTest would return now, and spends nothing.
func (s *Store) MayTest(ctx context.Context, address string) error {
	return mapError(s.inTx(ctx, func(tx pgx.Tx) error {
		_, _, _, err := s.testFacts(ctx, tx, address)
		return err
	}))
}

// UnspendTest gives a test message back to its account's day: a server has refused it for
// good. The gap stays, as with a contact's.
func (s *Store) UnspendTest(ctx context.Context, spent TestSpent) error {
	return mapError(s.inTx(ctx, func(tx pgx.Tx) error {
		var at *time.Time
		err := tx.QueryRow(ctx, `DELETE FROM test_sends WHERE id = $1 RETURNING sent_at`, spent.id).Scan(&at)
		if err != nil && !isMissing(err) {
			return err
		}
		return giveBackBudget(ctx, tx, spent.address, at)
	}))
}

// testState is what an account has spent, under its lock.
type testState struct {
	spent pace.Spent
	seq   int64
}

// testFacts locks an account's pace and looks whether it may send a message now.
func (s *Store) testFacts(ctx context.Context, tx pgx.Tx, address string) (account pace.Account, now time.Time, state testState, err error) {
	if err := lockPace(ctx, tx, address); err != nil {
		return account, now, state, err
	}
	row, err := readAccount(ctx, tx, address, "")
	if err != nil {
		return account, now, state, err
	}
	if row.Status != campaign.AccountConnected {
		return account, now, state, refusedf("%s cannot send: it is %s", address, map[campaign.AccountStatus]string{
			campaign.AccountInError: "in error (" + row.Reason + ")", campaign.AccountRemoved: "removed"}[row.Status])
	}
	rows, err := tx.Query(ctx, `
		SELECT `+spentColumns+`, clock_timestamp() AS now, cal.rules AS calendar, a.rest_reason,
		       EXISTS (SELECT FROM line o WHERE o.account = p.address AND o.state = 'claimed') AS claimed
		  FROM account_pace p JOIN email_accounts a ON a.address = p.address CROSS JOIN calendar cal WHERE p.address = $1`, address)
	if err != nil {
		return account, now, state, err
	}
	read, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[struct {
		spentRow
		Now        time.Time
		Calendar   pace.Calendar
		RestReason string
		Claimed    bool
	}])
	if err != nil {
		return account, now, state, err
	}
	now = read.Now
	if account, err = row.Pace.Account(read.Calendar); err != nil {
		return account, now, state, refusedf("the pace of %s cannot be reckoned with: %v", address, err)
	}
	if state.spent, err = read.spent(); err != nil {
		return account, now, state, err
	}
	state.seq = read.Seq
	today := pace.DateOf(now.In(account.Hours.Zone))
	if day := state.spent.Day; !account.Free() && (day == (pace.Date{}) || today.Before(day)) {
		if state.spent, err = rebuildSpent(ctx, tx, address, account); err != nil {
			return account, now, state, err
		}
	}
	notNow := &NotNow{Address: address}
	switch at, reasons, err := account.When(now, pace.Hours{Zone: account.Hours.Zone}, state.spent); {
	case err != nil:
		return account, now, state, refusedf("%s can never send at its pace: %v", address, err)
	case row.account().RestingUntil.After(now):
		notNow.Limit, notNow.Until, notNow.Words = pace.AccountRests, row.account().RestingUntil, read.RestReason
	case len(reasons) > 0:
		notNow.Limit, notNow.Until = reasons[0].Limit, at
		notNow.Used, _, _ = account.Used(now, state.spent)
	case read.Claimed: // its gate asks for no gap: nothing else leaves between a claim and its gate
		notNow.Limit = pace.HasTurn
	default:
		return account, now, state, nil
	}
	if !notNow.Until.IsZero() {
		notNow.Until = notNow.Until.In(account.Hours.Zone)
	}
	return account, now, state, notNow
}
