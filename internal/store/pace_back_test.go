package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/inbound"
	"relance/internal/pace"
)

// The dates of these two are never the same.
const (
	eastmost = "Pacific/Kiritimati"
	westmost = "Pacific/Niue"
)

// ledgerSays requires that an account's row has what the ledger has of the row's date, as a
// count from scratch finds it.
func (b *ledgerBundle) ledgerSays(address, what string) (count int) {
	b.t.Helper()
	read := func() (text string) {
		require.NoError(b.t, b.pool.QueryRow(b.ctx, `SELECT concat(day, ' ', count, ' ', sending_day), count FROM account_pace WHERE address = $1`, address).Scan(&text, &count))
		return text
	}
	is := read()
	tx, err := b.pool.Begin(b.ctx)
	require.NoError(b.t, err)
	require.NoError(b.t, countAnew(b.ctx, tx, address))
	rules := one[pace.AccountRules](b, `SELECT pace FROM email_accounts WHERE address = $1`, address)
	account, err := rules.Account(pace.Calendar{})
	require.NoError(b.t, err)
	spent, err := rebuildSpent(b.ctx, tx, address, account)
	require.NoError(b.t, err)
	require.NoError(b.t, tx.Rollback(b.ctx))
	day := spent.Day.String()
	if spent.Day == (pace.Date{}) {
		if count == 0 {
			return 0 // nothing of a date, or none of any
		}
		day = ""
	}
	require.Equal(b.t, fmt.Sprint(day, " ", spent.Count, " ", spent.SendingDay), is, "the budget is what the ledger says: %s", what)
	return count
}

// onWire has a contact's email pass its gate.
func (b *ledgerBundle) onWire(id int64) campaign.Delivery {
	b.t.Helper()
	b.ahead()
	delivery, err := b.timed(id)
	require.NoError(b.t, err)
	require.NoError(b.t, b.Gate(b.ctx, delivery))
	return delivery
}

func (b *ledgerBundle) refused(id int64, delivery campaign.Delivery) {
	b.t.Helper()
	_, err := b.Fail(b.ctx, b.attempt(id), delivery, campaign.Refusal{Reply: "451 later"}, emailCheck)
	require.NoError(b.t, err)
}

func (b *ledgerBundle) zone(zone string, ramp pace.Ramp) {
	b.t.Helper()
	b.setPace(pace.AccountRules{Gap: time.Millisecond, PerDay: 10, Zone: zone, Ramp: ramp})
}

// A refusal that comes when the account has another zone by now is given back to the date on which
// it is counted there: no budget is lost, and there is no second one (law 8).
func TestARefusalAfterAChangeOfZoneIsGivenBack(t *testing.T) {
	t.Parallel()
	for _, ramp := range []pace.Ramp{{}, {Start: 5, Add: 1}} {
		b := setupLedger(t, 4)
		b.zone(eastmost, ramp)
		first, second := b.onWire(1), b.onWire(2)
		b.refused(1, first)
		require.Equal(t, 1, b.ledgerSays(maya, "in the zone in which it left"))
		b.zone(westmost, ramp)
		require.Equal(t, 1, b.ledgerSays(maya, "counted anew"))
		b.refused(2, second)
		require.Equal(t, 0, b.ledgerSays(maya, "of the date of the new zone"))

		// One whose answer comes while the zone is changed waits for the change.
		third := b.onWire(3)
		tx, err := b.pool.Begin(b.ctx)
		require.NoError(t, err)
		require.NoError(t, lockPace(b.ctx, tx, maya))
		rules := pace.AccountRules{Gap: time.Millisecond, PerDay: 10, Zone: eastmost, Ramp: ramp}
		_, err = tx.Exec(b.ctx, `UPDATE email_accounts SET pace = $1`, rules)
		require.NoError(t, err)
		require.NoError(t, timesChange{accounts: []string{maya}}.take(b.ctx, tx))
		settled := make(chan error, 1)
		go func() {
			_, err := b.Fail(b.ctx, b.attempt(3), third, campaign.Refusal{Reply: "451 later"}, emailCheck)
			settled <- err
		}()
		b.awaitLockWait()
		require.NoError(t, tx.Commit(b.ctx))
		require.NoError(t, <-settled)
		require.Equal(t, 0, b.ledgerSays(maya, "refused while the zone was changed"))
	}
}

// A late refusal of a message of another date does not open today's again, though in the zone in
// which it left that date had the name that today has here.
func TestARefusalOfAnotherDateGivesNothingBackToday(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	now := one[time.Time](b, `SELECT clock_timestamp()`)
	before, after, left := sameDate(t, now)
	b.zone(before, pace.Ramp{})
	late := b.onWire(1)
	_, err := b.MarkUncertain(b.ctx, b.attempt(1), late, noSender)
	require.NoError(t, err)
	b.exec(`UPDATE deliveries SET wire_at = $1, reserved_at = $1`, left)
	b.exec(`UPDATE line SET charged = $1::date`, left.In(mustZone(t, before)).Format(time.DateOnly))
	b.zone(after, pace.Ramp{})
	b.onWire(2)
	require.Equal(t, 1, b.ledgerSays(maya, "today"))
	b.refused(1, late)
	require.Equal(t, campaign.Failed, b.state(b.attempt(1)))
	require.Equal(t, 1, b.ledgerSays(maya, "the message of yesterday is none of today's"))
}

// sameDate finds two zones and a moment of the day before: what the first calls its date is the name of
// today in the second, in which it was yesterday.
func sameDate(t *testing.T, now time.Time) (before, after string, left time.Time) {
	t.Helper()
	for hours := 2; hours < 24; hours++ {
		left = now.Add(-time.Duration(hours) * time.Hour)
		for east := -12; east <= 14; east++ {
			for west := -12; west < east; west++ {
				before, after = fmt.Sprintf("Etc/GMT%+d", -east), fmt.Sprintf("Etc/GMT%+d", -west)
				today := pace.DateOf(now.In(mustZone(t, after)))
				if pace.DateOf(left.In(mustZone(t, before))) == today && pace.DateOf(left.In(mustZone(t, after))) != today {
					return before, after, left
				}
			}
		}
	}
	require.Fail(t, "there are no such zones")
	return "", "", left
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := pace.Zone(name)
	require.NoError(t, err)
	return zone
}

// Of a contact that was moved to another sender, the refusal is given back to the account that had sent, and the
// other keeps what it has spent. And its place in the other's line is its own.
func TestARefusalIsGivenBackToTheAccountThatHadSent(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	tom := "tom@northwind.example"
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ($1, 'Tom', '127.0.0.1', 25, 'none')`, tom)
	b.exec(`UPDATE email_accounts SET pace = '{"gap": 1000000, "perDay": 10}'`)
	b.exec(`UPDATE campaigns SET senders = $1`, []string{maya, tom})
	b.exec(`INSERT INTO account_pace (address) VALUES ($1), ($2)`, maya, tom)
	late := b.onWire(1)
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), late, noSender)
	require.NoError(t, err)
	b.onWire(2)
	_, err = b.MoveSender(b.ctx, "q4", maya, tom, "maya", BatchOptions{})
	require.NoError(t, err)
	third := draft("c@contoso.example")
	third.Account, third.Timed = tom, true
	delivery, err := b.Claim(b.ctx, b.attempt(3), third)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.Equal(t, []int{2, 1}, []int{b.ledgerSays(maya, "Maya's"), b.ledgerSays(tom, "Tom's")})

	// An operator has said "not sent", so it stands in Tom's line for the next visit.
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, held.Parked.ParkID, &campaign.Resume{ParkID: held.Parked.ParkID, Assume: campaign.AssumeNotSent}
	_, err = b.Hold(b.ctx, again, func(campaign.Facts) campaign.Finding {
		return campaign.Finding{Place: &campaign.Place{Account: tom, Band: campaign.FollowUps}}
	})
	require.NoError(t, err)
	require.Equal(t, "waiting", b.lineState(1))
	b.refused(1, late)
	require.Equal(t, campaign.Failed, b.state(b.attempt(1)))
	require.Equal(t, []int{1, 1}, []int{b.ledgerSays(maya, "she had sent it"), b.ledgerSays(tom, "he had not")})
	require.Equal(t, "waiting", b.lineState(1), "it waits for its turn, and is signalled of nothing else (law 3)")
}

// A late acceptance of a message of which an operator has said that it was not sent counts, also where
// the day was counted anew since.
func TestALateAcceptanceIsCounted(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.zone(eastmost, pace.Ramp{})
	late := b.onWire(1)
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), late, noSender)
	require.NoError(t, err)
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, held.Parked.ParkID, &campaign.Resume{ParkID: held.Parked.ParkID, Assume: campaign.AssumeNotSent}
	b.ahead()
	of := draft("c@contoso.example")
	of.Timed = true
	_, err = b.Claim(b.ctx, again, of)
	require.NoError(t, err)
	b.zone(westmost, pace.Ramp{})
	require.Equal(t, 0, b.ledgerSays(maya, "nothing has left"))
	b.exec(`UPDATE line SET state = 'held', granted_at = NULL`) // the second visit is given up
	b.onWire(2)
	require.ErrorIs(t, b.MarkSent(b.ctx, b.attempt(1), late, "250 ok"), campaign.ErrLate)
	b.onWire(3)
	require.Equal(t, 3, b.ledgerSays(maya, "the late one and those since"))
}

// What an operator calls not sent is given back as soon as it is sent again, by whichever account.
func TestWhatWasCalledNotSentIsGivenBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.zone("UTC", pace.Ramp{Start: 5, Add: 1})
	late := b.onWire(1)
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), late, noSender)
	require.NoError(t, err)
	b.onWire(2)
	require.Equal(t, 2, b.ledgerSays(maya, "a doubt counts"))
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, held.Parked.ParkID, &campaign.Resume{ParkID: held.Parked.ParkID, Assume: campaign.AssumeNotSent}
	of := draft("c@contoso.example")
	of.Timed = true
	for range 2 { // an attempt whose answer was lost comes once more
		b.ahead()
		require.NoError(t, b.AcceptNotSent(b.ctx, again))
		delivery, err := b.Claim(b.ctx, again, of)
		require.NoError(t, err)
		require.Equal(t, 1, b.ledgerSays(maya, "the other one"))
		late = delivery
	}
	require.NoError(t, b.Gate(b.ctx, late))
	require.Equal(t, 2, b.ledgerSays(maya, "sent again"))
}

// Law 8: what it gives back is there before the attempt looks: neither the limit of the day nor the credit that the message itself had cost
// keeps it, and nothing of it is forgotten when the attempt parks for another reason.
func TestWhatWasCalledNotSentIsGivenBackBeforeTheLook(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"perDay": 1}`)
	b.exec(`UPDATE plan SET unlimited = false, credits = 1`)
	of := draft("c@contoso.example")
	of.Timed, of.CostsCredit = true, true
	delivery, err := b.Claim(b.ctx, b.attempt(1), of)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, delivery))
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, noSender)
	require.NoError(t, err)
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, held.Parked.ParkID, &campaign.Resume{ParkID: held.Parked.ParkID, Assume: campaign.AssumeNotSent}

	require.NoError(t, b.AcceptNotSent(b.ctx, again))
	require.Equal(t, 1, one[int](b, `SELECT credits FROM plan`))
	facts, err := b.Facts(b.ctx, again)
	require.NoError(t, err)
	require.True(t, campaign.CheckTurn(facts).Clear())
	delivery, err = b.Claim(b.ctx, again, of)
	require.NoError(t, err)
	require.Zero(t, b.ledgerSays(maya, "nothing has left"))
	b.exec(`UPDATE account_pace SET count = 7`)
	require.NoError(t, b.AcceptNotSent(b.ctx, again))
	require.Equal(t, 7, one[int](b, `SELECT count FROM account_pace`), "it is counted once")
	b.exec(`UPDATE account_pace SET count = 0`)
	require.NoError(t, b.Gate(b.ctx, delivery))
}

// Law 1: proof that it was sent counts more than the word that it was not, for as long as it has not been sent again.
func TestWhatWasCalledNotSentAndIsFoundIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := setupHeard(t, 1)
	delivery := b.claimIntro(1)
	require.NoError(t, b.Gate(b.ctx, delivery))
	held, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, noSender)
	require.NoError(t, err)
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, held.Parked.ParkID, &campaign.Resume{ParkID: held.Parked.ParkID, Assume: campaign.AssumeNotSent}
	require.NoError(t, b.AcceptNotSent(b.ctx, again))
	own := heardFrom(1, inbound.Own, inbound.Verdict{})
	own.Folder, own.Mail.MessageID, own.Mail.InReplyTo = "Sent", idOf(1), nil
	require.True(t, b.hear(own).SettledDoubt)
	found, err := b.Claim(b.ctx, again, introOf(1))
	require.NoError(t, err)
	require.Equal(t, campaign.Sent, found.State)
	require.Equal(t, 1, found.Visit)
}

// A ramp counts the dates on which something has left: one on which everything was refused is none.
func TestADateOfRefusalsIsNoDayOfARamp(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.sentAt(time.Now().Add(-30*time.Hour), campaign.Sent)
	b.exec(`UPDATE deliveries SET step_id = 'before'`)
	b.zone("UTC", pace.Ramp{Start: 5, Add: 5})
	first := b.onWire(2)
	_, _, sendingDay := b.spent()
	require.Equal(t, 1, sendingDay)
	b.refused(2, first)
	_, count, sendingDay := b.spent()
	require.Equal(t, []int{1, 0}, []int{count, sendingDay}, "the last date on which something left")
	b.ledgerSays(maya, "a ramp")
}

// So is a test message.
func TestATestIsGivenBackAfterAChangeOfZone(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.zone(eastmost, pace.Ramp{})
	spent, err := b.SpendTest(b.ctx, maya, "q4", "maya")
	require.NoError(t, err)
	b.zone(westmost, pace.Ramp{})
	require.Equal(t, 1, b.ledgerSays(maya, "a test"))
	require.NoError(t, b.UnspendTest(b.ctx, spent))
	require.Equal(t, 0, b.ledgerSays(maya, "refused"))
	require.NoError(t, b.UnspendTest(b.ctx, spent), "twice is once")
	require.Equal(t, 0, b.ledgerSays(maya, "refused"))
}
