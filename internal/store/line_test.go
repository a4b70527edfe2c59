package store

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/pace"
)

// pace gives the sender a pace, as JSON.
func (b *ledgerBundle) pace(rules string) {
	b.t.Helper()
	b.exec(`UPDATE email_accounts SET pace = $1`, rules)
}

// timed claims a contact's first mail of a paced account.
func (b *ledgerBundle) timed(id int64) (campaign.Delivery, error) {
	timed := draft("c@contoso.example")
	timed.Timed = true
	return b.Claim(b.ctx, b.attempt(id), timed)
}

// queued looks as an attempt does, and is put into the line.
func (b *ledgerBundle) queued(id int64) {
	b.t.Helper()
	held, err := b.Hold(b.ctx, b.attempt(id), emailCheck)
	require.NoError(b.t, err)
	require.Equal(b.t, campaign.Held{InLine: true}, held)
}

// given has the giver look until nothing changes, and lists who was given a turn and is signalled of it.
func (b *ledgerBundle) given() (ids []int64) {
	b.t.Helper()
	_, err := b.TendLine(b.ctx)
	require.NoError(b.t, err)
	for {
		again, _, err := b.GiveTurns(b.ctx, 100)
		require.NoError(b.t, err)
		if again > 0 {
			break
		}
	}
	turns, err := b.TurnsToSignal(b.ctx, 100)
	require.NoError(b.t, err)
	for _, turn := range turns {
		ids = append(ids, turn.EnrollmentID)
	}
	require.NoError(b.t, b.TurnsSignalled(b.ctx, turns, nil))
	return ids
}

func (b *ledgerBundle) lineState(id int64) string {
	return one[string](b, `SELECT coalesce((SELECT state FROM line WHERE enrollment_id = $1), 'none')`, id)
}

// ahead lets an account's gap be over.
func (b *ledgerBundle) ahead() { b.exec(`UPDATE account_pace SET next_at = now(), look_at = NULL`) }

// Law 8: one turn at a time, and what is spent at the gate is spent.
func TestAPacedAccountHasOneTurnAtATime(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 3600000000000, "perDay": 2}`)
	first, err := b.timed(1)
	require.NoError(t, err)
	_, err = b.timed(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
	b.queued(2)
	b.queued(3)
	require.Equal(t, campaign.Waiting, b.status(2))
	require.Empty(t, b.given(), "another has the turn")
	require.NoError(t, b.Gate(b.ctx, first))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), first, "250 ok"))
	require.Equal(t, "none", b.lineState(1))
	require.Empty(t, b.given(), "the gap is not over")

	b.ahead()
	require.Equal(t, []int64{2}, b.given(), "first come, first served")
	_, err = b.timed(3)
	require.ErrorIs(t, err, campaign.ErrNoTurn, "it is another's turn")
	second, err := b.timed(2)
	require.NoError(t, err)
	require.Equal(t, campaign.Active, b.status(2))
	require.NoError(t, b.Gate(b.ctx, second))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(2), second, "250 ok"))

	b.ahead()
	require.Empty(t, b.given(), "the day's limit is used up")
	_, err = b.timed(3)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
}

// Budget is what the ledger says: a definite failure gives it back, an uncertain message keeps it.
// Law 7: who has claimed, and has not come to the gate in time, goes on with the turn that it has. A first try at a server
// that is slow before its gate is followed by an activity; it would lose the turn of each gap.
func TestAClaimIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 3600000000000}`)
	slow, err := b.timed(1)
	require.NoError(t, err)
	b.queued(2)
	b.exec(`UPDATE line SET band = 0 WHERE enrollment_id = 2`) // a follow-up that came meanwhile goes before first mails

	facts, err := b.Facts(b.ctx, b.attempt(1))
	require.NoError(t, err)
	require.True(t, campaign.CheckTurn(facts).Clear(), "its own claim keeps nobody waiting but the others")
	again, err := b.timed(1)
	require.NoError(t, err)
	require.ErrorIs(t, b.Gate(b.ctx, slow), campaign.ErrSuperseded, "law 1: the first try owns it no more")
	_, err = b.timed(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
	require.NoError(t, b.Gate(b.ctx, again))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), again, "250 ok"))
	require.Empty(t, b.given(), "the gap counts from its gate")
}

func TestADefiniteFailureGivesTheTurnBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 1000000, "perDay": 1}`)
	count := func() int { return one[int](b, `SELECT count FROM account_pace`) }
	first, err := b.timed(1)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, first))
	require.Equal(t, 1, count())
	seq := one[int64](b, `SELECT seq FROM line`)
	_, err = b.Fail(b.ctx, b.attempt(1), first, campaign.Refusal{Reply: "451 later"}, emailCheck)
	require.NoError(t, err)
	require.Zero(t, count())
	require.Equal(t, "held", b.lineState(1), "the place is kept for the retry")

	b.ahead()
	again, err := b.timed(1)
	require.NoError(t, err)
	require.Equal(t, seq, one[int64](b, `SELECT seq FROM line`))
	require.NoError(t, b.Gate(b.ctx, again))
	_, err = b.MarkUncertain(b.ctx, b.attempt(1), again, noSender)
	require.NoError(t, err)
	require.Equal(t, 1, count())
	b.ahead()
	_, err = b.timed(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
}

// The gate looks at the clock again: what has lapsed or closed meanwhile is not sent.
func TestTheGateRefusesATurnThatIsGone(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	first, err := b.timed(1)
	require.NoError(t, err)
	b.exec(`UPDATE line SET granted_at = now() - interval '11 minutes'`)
	_, err = b.TendLine(b.ctx)
	require.NoError(t, err)
	require.ErrorIs(t, b.Gate(b.ctx, first), campaign.ErrNoTurn)
	require.Equal(t, campaign.Reserved, b.state(b.attempt(1)), "the commit before the dot is taken back")

	b.ahead()
	second, err := b.timed(1)
	require.NoError(t, err, "it stands first")
	b.pace(`{"gap": 1000000, "hours": [{"days": "mon, tue, wed, thu, fri, sat, sun", "from": "` + closedFrom() + `", "to": "` + closedTo() + `"}]}`)
	require.ErrorIs(t, b.Gate(b.ctx, second), campaign.ErrNoTurn, "the account's hours are over")
}

// closedFrom and closedTo are hours of UTC that are closed now and for hours.
func closedFrom() string { return pace.Clock(hour(6) * 60).String() }
func closedTo() string   { return pace.Clock(hour(6)*60 + 30).String() }
func hour(from int) int  { return (time.Now().UTC().Hour() + from) % 24 }

// A place outlives a park, and follow-ups go before first mails.
func TestAPlaceIsKeptAndFollowUpsGoFirst(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	b.pace(`{"gap": 3600000000000}`)
	first, err := b.timed(1)
	require.NoError(t, err)
	b.queued(2)
	b.queued(3)
	b.exec(`UPDATE line SET state = 'granted', granted_at = now() WHERE enrollment_id = 2`) // it tries again with a turn only
	_, err = b.Hold(b.ctx, b.attempt(2), found(noSender))
	require.NoError(t, err)
	require.Equal(t, "held", b.lineState(2))
	require.NoError(t, b.Gate(b.ctx, first))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), first, "250 ok"))
	resumed := b.attempt(2)
	resumed.ResumedPark, resumed.Resume = 1, &campaign.Resume{}
	held, err := b.Hold(b.ctx, resumed, emailCheck)
	require.NoError(t, err)
	require.True(t, held.InLine)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, boundary, settled_at)
		VALUES (4, 'before', 1, 'email', 'sent', 'maya@northwind.example', 'c', 's', 'm', now(), 'b', now())`)
	b.queued(4)
	b.ahead()
	require.Equal(t, []int64{4}, b.given(), "a follow-up")
	require.NoError(t, b.disenrolled(b.ctx, 4, "", ""))
	b.ahead()
	require.Equal(t, []int64{2}, b.given(), "who was parked has the place of before")
}

// A turn that is signalled and not used lapses, the third time the contact is put aside, and
// later it is tried again: a dead contact blocks nobody, and nobody is dropped.
func TestATurnThatIsNotUsedLapses(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2)
	for range mostLapses {
		require.Equal(t, []int64{1}, b.given())
		turns, err := b.TurnsToSignal(b.ctx, 10)
		require.NoError(t, err)
		require.NoError(t, b.TurnsSignalled(b.ctx, turns, nil))
		b.exec(`UPDATE line SET granted_at = now() - interval '3 minutes', signalled_at = now() WHERE state = 'granted'`)
	}
	require.Equal(t, []int64{2}, b.given())
	require.Equal(t, "stuck", b.lineState(1))
	b.exec(`UPDATE line SET granted_at = now() - interval '61 minutes' WHERE state = 'stuck'`)
	_, err := b.TendLine(b.ctx)
	require.NoError(t, err)
	require.Equal(t, "waiting", b.lineState(1))
}

// queuedBehind puts contacts into the line behind a claim that then goes away.
func (b *ledgerBundle) queuedBehind(ids ...int64) {
	b.t.Helper()
	b.exec(`INSERT INTO account_pace (address, next_at) VALUES ('maya@northwind.example', now() + interval '0.001 s') ON CONFLICT (address) DO UPDATE SET next_at = excluded.next_at`)
	for _, id := range ids {
		_, err := b.pool.Exec(b.ctx, `INSERT INTO line (enrollment_id, step_id, campaign, account, band, state) VALUES ($1, 'intro', 'q4', 'maya@northwind.example', 2, 'waiting')`, id)
		require.NoError(b.t, err)
		b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = NULL, step_id = 'intro' WHERE id = $1`, id)
	}
}

// Who waits for a turn and stands in no line, as after a restore from a backup, gets a place;
// and what was sent since the backup is counted (laws 2 and 8).
func TestALostPlaceIsFoundAndALostDayIsCounted(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 1000000, "perDay": 1}`)
	b.exec(`UPDATE enrollments SET status = 'Waiting', next_at = NULL, step_id = 'intro' WHERE id = 2`)
	require.Equal(t, []int64{2}, b.given())
	b.repair(1, campaign.Repair{Sent: []campaign.Receipt{{
		DeliveryKey: campaign.DeliveryKey{StepID: "intro", Visit: 1}, Kind: campaign.Email, MessageID: "m@northwind.example", At: time.Now(),
	}}})
	_, err := b.timed(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn, "the one of today was sent before the loss")
	b.queued(2) // the look knows it as well: waiting is not an error (law 7)
}

// A clock that is put back over midnight opens no day again, and puts nobody in error
// (laws 7 and 8): what the claim has counted in the ledger, the next look finds.
func TestAClockPutBackOverMidnightOpensNoDayAgain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000, "perDay": 1}`)
	first, err := b.timed(1)
	require.NoError(t, err)
	require.NoError(t, b.Gate(b.ctx, first))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), first, "250 ok"))
	b.exec(`UPDATE account_pace SET day = day + 1, count = 0`) // the clock was a day ahead for a while
	b.ahead()
	_, err = b.timed(2)
	require.ErrorIs(t, err, campaign.ErrNoTurn)
	b.queued(2)
}

// An account that cannot send lets those in its line find that out, many at once.
func TestAnAccountInErrorKeepsNobodyInLine(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 3600000000000}`)
	b.queuedBehind(1, 2, 3)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 no'`)
	require.ElementsMatch(t, []int64{1, 2, 3}, b.given())
}

// A window puts those that it holds to rest in one go, and an edit wakes them.
func TestAClosedWindowPutsTheLineToRest(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2, 3)
	b.exec(`UPDATE campaigns SET send_window = '{"windows": [{"days": "mon, tue, wed, thu, fri, sat, sun", "from": "` + closedFrom() + `", "to": "` + closedTo() + `"}]}'`)
	require.Empty(t, b.given())
	require.Equal(t, "asleep", b.lineState(3))
	b.exec(`UPDATE campaigns SET send_window = '{}'`)
	require.NoError(t, b.inTx(b.ctx, func(tx pgx.Tx) error { return timesChange{campaigns: []string{"q4"}}.take(b.ctx, tx) }))
	require.Equal(t, []int64{1}, b.given())
}

// A window is edited while people wait, and never meets the hours in the zone of one of them: that one is in error
// with a fix and not silent, and the next is not behind it.
func TestWhoCanNeverBeSentAnythingDoesNotWaitInSilence(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE contacts SET fields = '{"Country": "Japan"}' WHERE id = 1`)
	b.exec(`UPDATE email_accounts SET pace = $1`, pace.AccountRules{Gap: time.Hour, Zone: "Asia/Tokyo"})
	b.exec(`UPDATE account_pace SET next_at = now() + interval '1 hour'`)
	b.exec(`INSERT INTO account_pace (address, next_at) SELECT address, now() + interval '1 hour' FROM email_accounts ON CONFLICT DO NOTHING`)
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: windowsOf(t, "00:00-24:00"), Zone: pace.RecipientZone, IgnoreHolidays: true})
	b.queued(1)
	b.queued(2)
	require.Empty(t, b.given(), "the gap is not over")

	// At night in Tokyo: never in its own window, but in that of the other, in UTC.
	b.exec(`UPDATE email_accounts SET pace = $1`, pace.AccountRules{Gap: time.Hour, Hours: windowsOf(t, "01:00-07:00"), Zone: "Asia/Tokyo"})
	b.exec(`UPDATE campaigns SET send_window = $1`, pace.CampaignRules{Windows: windowsOf(t, "09:00-23:00"), Zone: pace.RecipientZone, IgnoreHolidays: true})
	b.exec(`UPDATE account_pace SET look_at = NULL`)
	require.Equal(t, []int64{1}, b.given())
	held, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.NoCommonSendingTime, held.Parked.Problem.Code)
	require.Equal(t, campaign.InError, b.status(1))
	b.exec(`UPDATE account_pace SET look_at = NULL`)
	require.Empty(t, b.given(), "the other has a time")
	require.Equal(t, campaign.Waiting, b.status(2))
}

// Whose place was held while its campaign of several senders came to have one stands in that
// one's line afterwards, and whose came to have several in the campaign's: no giver looks for it in the other (laws 2 and 3).
func TestAPlaceThatWasHeldIsInTheLineOfTheSendersOfNow(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1)
	b.exec(`UPDATE line SET state = 'held', account = NULL, unbound = true`)
	require.Equal(t, []int64{1}, b.given())

	b.exec(`UPDATE line SET state = 'held'`)
	b.exec(`UPDATE campaigns SET sender = NULL, senders = '{tom@northwind.example}'`)
	b.exec(`INSERT INTO email_accounts (address, name, host, port, tls, pace) VALUES ('tom@northwind.example', 'Tom', '127.0.0.1', 25, 'none', '{"gap": 1000000}')`)
	require.Equal(t, []int64{1}, b.given())
	require.Equal(t, "tom@northwind.example", one[string](b, `SELECT account FROM line`))
}

// Who comes at the moment at which a window opens does not go before those who have slept till then.
func TestWhoSleepsIsBeforeThoseWhoComeWhenTheWindowOpens(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2)
	b.exec(`UPDATE line SET state = 'asleep', not_before = now() + interval '1 hour'`)
	b.ahead()
	b.exec(`UPDATE line SET not_before = now() - interval '0.01 s' WHERE enrollment_id = 2`)
	b.queued(3)
	b.ahead()
	require.Equal(t, []int64{2}, b.given())

	b.exec(`DELETE FROM line WHERE enrollment_id IN (2, 3)`)
	b.ahead()
	_, err := b.timed(3)
	require.NoError(t, err, "1 sleeps on, and holds up nobody")
}

// Law 7: whose account has become free while it stood in line, and whose mail the server puts off, waits for the
// next try beside the line: it is not put into it again, to wait for a turn.
func TestWhoIsTriedAgainIsNotPutIntoLine(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.queuedBehind(1)
	require.Equal(t, []int64{1}, b.given())
	attempt := b.attempt(1)
	attempt.Turn = one[int64](b, `SELECT turn FROM line`)
	delivery := b.claim(attempt)
	require.Equal(t, campaign.Active, b.status(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err := b.Fail(b.ctx, attempt, delivery, campaign.Refusal{Reply: "451 later"}, emailCheck)
	require.NoError(t, err)
	_, err = b.TendLine(b.ctx)
	require.NoError(t, err)
	require.Equal(t, "held", b.lineState(1))
	require.Equal(t, 2, b.claim(b.attempt(1)).Epoch)
}
