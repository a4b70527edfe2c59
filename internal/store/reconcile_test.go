package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func keyOf(id int64) campaign.EnrollmentKey {
	return campaign.EnrollmentKey{CampaignKey: "q4", ContactID: id}
}

func (b *ledgerBundle) record(id int64) campaign.Record {
	b.t.Helper()
	records, err := b.RecordsOf(b.ctx, []campaign.EnrollmentKey{keyOf(id)})
	require.NoError(b.t, err)
	require.Len(b.t, records, 1)
	return records[0]
}

func (b *ledgerBundle) repair(id int64, repair campaign.Repair) {
	b.t.Helper()
	require.NoError(b.t, b.Repair(b.ctx, keyOf(id), nil, func(campaign.Record) (campaign.Repair, error) { return repair, nil }))
}

// asked is every open row of the outbox.
func (b *ledgerBundle) asked() string {
	return one[string](b, `SELECT coalesce(string_agg(kind || contacts::text || note, ' ' ORDER BY id), '') FROM outbox WHERE done_at IS NULL`)
}

func TestARecordIsWhatTheRowsSay(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	held, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	record := b.record(1)
	require.Equal(t, campaign.InError, record.Status)
	require.Equal(t, held.Parked.ParkID, record.LastPark)
	require.Equal(t, held.Parked.Problem, record.Park.Problem)
	require.False(t, record.Started)
	require.False(t, record.StartAsked)
	require.Len(t, record.Steps, 3)

	attempt := b.attempt(2)
	delivery := b.claim(attempt)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
	record = b.record(2)
	require.Equal(t, campaign.Waiting, record.Status)
	require.False(t, record.NextAt.IsZero())
	require.True(t, record.WasSent("intro"))

	require.NoError(t, b.disenrolled(b.ctx, 3, "", ""))
	page, err := b.Records(b.ctx, "q4", 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 2, "who has ended is not compared")
	count, err := b.CountRecords(b.ctx, "")
	require.NoError(t, err)
	require.Equal(t, 2, count)
}

// A signal without a trace is found again; an entry that is still to be signalled is not.
func TestUnheard(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	for id := range int64(3) {
		_, err := b.Hold(b.ctx, b.attempt(id+1), found(noSender))
		require.NoError(t, err)
	}
	require.Nil(t, b.record(1).Unheard)
	b.applyFix(failure.CampaignSender("q4"), `UPDATE campaigns SET sender = sender`)
	require.Nil(t, b.record(1).Unheard, "it is still to be signalled")
	b.exec(`UPDATE outbox SET done_at = now()`)
	require.Equal(t, campaign.OutboxFix, b.record(1).Unheard.Kind)

	again := b.attempt(2)
	again.ResumedPark = 1
	_, err := b.Hold(b.ctx, again, found(noSender))
	require.NoError(t, err)
	require.Nil(t, b.record(2).Unheard, "it was heard: the park is another")

	_, err = b.RequestResume(b.ctx, Selection{Contacts: []int64{3}}, campaign.Resume{By: "tess"}, BatchOptions{})
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET done_at = now()`)
	require.Equal(t, campaign.OutboxResume, b.record(3).Unheard.Kind)
	require.Equal(t, "tess", b.record(3).Unheard.By)

	_, err = b.RequestDisenroll(b.ctx, Selection{Contacts: []int64{4}}, "stop", "tess", BatchOptions{})
	require.NoError(t, err)
	b.exec(`UPDATE outbox SET done_at = now()`)
	require.Equal(t, campaign.OutboxDisenroll, b.record(4).Unheard.Kind)

	b.exec(`UPDATE campaigns SET paused = true`)
	_, err = b.Hold(b.ctx, b.resumedAttempt(1, 1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.Paused, b.status(1))
	require.Nil(t, b.record(1).Unheard)
	b.exec(`UPDATE campaigns SET paused = false`)
	require.Equal(t, failure.CampaignActive("q4"), b.record(1).Unheard.Cause, "paused in a campaign that is not")
}

func (b *ledgerBundle) resumedAttempt(id int64, park int) campaign.Attempt {
	attempt := b.attempt(id)
	attempt.ResumedPark = park
	return attempt
}

func receipt(step string, visit int, at time.Time) campaign.Receipt {
	return campaign.Receipt{DeliveryKey: campaign.DeliveryKey{StepID: step, Visit: visit}, Kind: campaign.Email, MessageID: "m@northwind.example", At: at}
}

// The row goes to where the workflow stands, and what is behind it is never sent again.
func TestARowCatchesUp(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.exec(`UPDATE plan SET unlimited = false, credits = 5`)
	b.exec(`UPDATE campaigns SET steps = steps || '[{"id":"last","kind":"email","subject":"S","body":"B"}]'`)
	sentAt := time.Now().Add(-time.Hour)
	until := time.Now().Add(time.Hour)
	b.repair(1, campaign.Repair{
		Position: &campaign.Position{Status: campaign.Waiting, StepIndex: 1, StepID: "wait-2", Visit: 1, NextAt: until, LastPark: 2},
		Sent:     []campaign.Receipt{receipt("intro", 2, sentAt)},
	})
	record := b.record(1)
	require.Equal(t, campaign.Waiting, record.Status)
	require.WithinDuration(t, until, record.NextAt, time.Second)
	require.Equal(t, 2, record.LastPark)
	require.True(t, record.Started)
	require.True(t, record.WasSent("intro"))
	require.Equal(t, int64(4), one[int64](b, `SELECT credits FROM plan`), "the lost row had cost one")
	_, err := b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.ErrorIs(t, err, campaign.ErrSuperseded)

	b.repair(1, campaign.Repair{Sent: []campaign.Receipt{receipt("intro", 1, sentAt)}})
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM deliveries`), "a step is sent once, whatever the visit")
	require.Equal(t, int64(4), one[int64](b, `SELECT credits FROM plan`))

	facts, err := b.Facts(b.ctx, campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "last", StepIndex: 3, Visit: 1})
	require.NoError(t, err)
	require.Equal(t, "m@northwind.example", facts.Sendings[0].MessageID, "its thread goes on")
	events, err := b.Timeline(b.ctx, 1, "")
	require.NoError(t, err)
	require.Contains(t, events[len(events)-1].Text+events[0].Text, "the ledger had lost it")
}

// A park comes back under its own number, and is younger than every fact that
// was known, so that the next fix finds it.
func TestAParkIsWrittenUnderItsNumber(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	_, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	parked := failure.Parked{ParkID: 4, Since: time.Now().Add(-time.Hour), Attempts: 2, Problem: failure.Problem{
		Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(1)},
	}}
	b.repair(1, campaign.Repair{
		Position: &campaign.Position{Status: campaign.InError, StepIndex: 0, StepID: "intro", Visit: 1, LastPark: 4, Park: &parked},
		Outbox:   &campaign.OutboxEntry{Kind: campaign.OutboxResume, By: campaign.Reconciler, Note: "look again"},
	})
	record := b.record(1)
	require.Equal(t, 4, record.Park.ParkID)
	require.Equal(t, parked.Problem, record.Park.Problem)
	require.WithinDuration(t, parked.Since, record.Park.Since, time.Second)
	require.Equal(t, "resume{1}look again", b.asked())
	require.True(t, one[bool](b, `SELECT o.id > e.park_seq FROM outbox o, enrollments e WHERE o.done_at IS NULL`))

	b.applyFix(failure.ContactEmail(1), `UPDATE contacts SET email = 'new@contoso.example'`)
	targets, err := b.Targets(b.ctx, campaign.OutboxEntry{ID: one[int64](b, `SELECT max(id) FROM outbox`), Kind: campaign.OutboxFix, Cause: failure.ContactEmail(1)}, 10)
	require.NoError(t, err)
	require.Len(t, targets, 1)
	require.Equal(t, 4, targets[0].ParkID)
}

func TestEndsAndPausesAreWritten(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	_, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	b.repair(1, campaign.Repair{
		Position: &campaign.Position{Status: campaign.Completed, StepIndex: 3, StepID: "tell"}, At: time.Now(),
		Sent: []campaign.Receipt{receipt("intro", 1, time.Now()), {DeliveryKey: campaign.DeliveryKey{StepID: "tell", Visit: 1}, Kind: campaign.SMS, At: time.Now()}},
	})
	require.Equal(t, campaign.Completed, b.status(1))
	require.Equal(t, "+32475000001", one[string](b, `SELECT recipient FROM deliveries WHERE kind = 'sms'`))

	b.claim(b.attempt(2))
	b.repair(2, campaign.Repair{Position: &campaign.Position{Status: campaign.Disenrolled}, Reason: "stop", Sent: []campaign.Receipt{receipt("intro", 1, time.Now())}})
	require.Equal(t, campaign.Disenrolled, b.status(2))
	require.Equal(t, campaign.Sent, b.state(b.attempt(2)), "what was sent stays sent")

	b.repair(3, campaign.Repair{Position: &campaign.Position{Status: campaign.Paused, StepID: "intro"}})
	require.Equal(t, campaign.Paused, b.status(3))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM parked_on WHERE cause = 'campaign:q4/active'`))
}

// Law 4: a message is uncertain where the ledger knows nothing, and nowhere else.
func TestOnlyWhatTheLedgerDoesNotKnowIsUncertain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	b.claim(b.attempt(1))
	delivery := b.claim(b.attempt(2))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(2), delivery, "250 ok"))
	for id := range int64(3) {
		b.repair(id+1, campaign.Repair{Uncertain: []campaign.Receipt{receipt("intro", 1, time.Now())}})
	}
	require.Equal(t, campaign.Uncertain, b.state(b.attempt(1)))
	require.Equal(t, campaign.Sent, b.state(b.attempt(2)))
	require.Equal(t, campaign.Uncertain, b.state(b.attempt(3)))
	again, err := b.Claim(b.ctx, b.attempt(1), draft("c@contoso.example"))
	require.NoError(t, err)
	require.Equal(t, campaign.Uncertain, again.State, "nobody owns it")
	last, err := b.LastSend(b.ctx)
	require.NoError(t, err)
	require.Equal(t, one[time.Time](b, `SELECT settled_at FROM deliveries WHERE state = 'sent'`), last, "what a mend has written is not the ledger's word")
}

func TestALostRowIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	lost := campaign.Lost{EnrollmentKey: keyOf(2), EnrollmentID: 2, StartedAt: time.Now()}
	why, err := b.Adoptable(b.ctx, lost)
	require.NoError(t, err)
	require.Contains(t, why, "another enrollment")
	b.exec(`DELETE FROM enrollments WHERE id = 2`)
	for contact, want := range map[int64]string{2: "", 9: "the contact is not in PostgreSQL"} {
		lost.ContactID = contact
		why, err = b.Adoptable(b.ctx, lost)
		require.NoError(t, err)
		require.Contains(t, why, want)
	}
	lost.ContactID = 2
	refuse := errors.New("no")
	require.ErrorIs(t, b.Repair(b.ctx, keyOf(2), &lost, func(campaign.Record) (campaign.Repair, error) { return campaign.Repair{}, refuse }), refuse)
	require.Zero(t, one[int](b, `SELECT count(*) FROM enrollments WHERE id = 2`))
	require.NoError(t, b.Repair(b.ctx, keyOf(2), &lost, func(campaign.Record) (campaign.Repair, error) {
		return campaign.Repair{Position: &campaign.Position{Status: campaign.Active, StepIndex: 2, StepID: "tell"}}, nil
	}))
	require.Equal(t, "tell", b.record(2).StepID)
	require.ErrorIs(t, b.Repair(b.ctx, keyOf(7), nil, nil), ErrNotFound)
}

// A restored database does not give out again what Temporal has seen.
func TestNumbersGoOnBehindThoseOfTemporal(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 0)
	given, err := b.Numbers(b.ctx)
	require.NoError(t, err)
	require.Zero(t, given.Contact, "none was given out yet")
	require.NoError(t, b.RaiseNumbers(b.ctx, campaign.Numbers{Fact: 1000, Contact: 50}))
	require.EqualValues(t, 51, one[int64](b, `INSERT INTO contacts (first_name) VALUES ('A') RETURNING id`))
	require.EqualValues(t, 1001, one[int64](b, `SELECT nextval('fact_seq')`))
	require.NoError(t, b.RaiseNumbers(b.ctx, campaign.Numbers{Fact: 5}))
	require.Greater(t, one[int64](b, `SELECT nextval('fact_seq')`), int64(1001), "never backwards")
}

// Nobody can change the row between the decision and what is written.
func TestARepairHoldsTheRow(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	claimed := make(chan error, 1)
	require.NoError(t, b.Repair(b.ctx, keyOf(1), nil, func(campaign.Record) (campaign.Repair, error) {
		go func() {
			_, err := b.Claim(context.Background(), b.attempt(1), draft("c@contoso.example"))
			claimed <- err
		}()
		require.Eventually(t, func() bool {
			return one[bool](b, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
		}, waitFor, tick, "the claim waits for the mend")
		return campaign.Repair{Position: &campaign.Position{Status: campaign.Active, StepIndex: 2, StepID: "tell"}}, nil
	}))
	require.ErrorIs(t, <-claimed, campaign.ErrSuperseded)
}

// Law 9: an end of a round that the database, older than it, does not know is written over the end of the one before:
// what an operator has taken out, `enroll --continue` does not take on.
func TestTheEndOfALostRoundIsWritten(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	b.done(1)
	b.repair(1, campaign.Repair{
		Position: &campaign.Position{Status: campaign.Disenrolled, StepID: "intro", StepIndex: 9, Visit: 2, VisitBase: 1}, Reason: "asked to",
	})
	require.Equal(t, campaign.Disenrolled, b.status(1))
	b.exec(`UPDATE campaigns SET steps = steps || '[{"id":"more","kind":"sms","text":"more"}]'`)
	result, err := b.Continue(b.ctx, "q4", nil, "test", BatchOptions{DryRun: true})
	require.NoError(t, err)
	require.Zero(t, result.Enrolled)
}

// Law 7: a backup has brought back the place of one that has gone on since, at the head of its line. When its row
// is where its workflow is, the next has the turn.
func TestAPlaceOfBeforeABackupKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	parked := failure.Parked{ParkID: 1, Since: time.Now(), Problem: failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(1)}}}
	sent := []campaign.Receipt{receipt("intro", 1, time.Now().Add(-time.Hour))}
	for name, c := range map[string]struct {
		repair campaign.Repair
		place  string
	}{
		"waits for a time": {campaign.Repair{Position: &campaign.Position{Status: campaign.Waiting, StepID: "wait-2", StepIndex: 1, Visit: 1, NextAt: time.Now().Add(72 * time.Hour)}, Sent: sent}, "none"},
		"rests":            {campaign.Repair{Position: &campaign.Position{Status: campaign.Waiting, StepID: "intro", Visit: 1, NextAt: time.Now().Add(time.Hour)}}, "held"},
		"in error":         {campaign.Repair{Position: &campaign.Position{Status: campaign.InError, StepID: "intro", Visit: 1, LastPark: 1, Park: &parked}}, "held"},
		"paused":           {campaign.Repair{Position: &campaign.Position{Status: campaign.Paused, StepID: "intro", Visit: 1}}, "held"},
		"tried":            {campaign.Repair{Position: &campaign.Position{Status: campaign.Active, StepID: "intro", Visit: 1}}, "held"},
		"at the next step": {campaign.Repair{Position: &campaign.Position{Status: campaign.Active, StepID: "tell", StepIndex: 2, Visit: 1}, Sent: sent}, "none"},
		"has completed":    {campaign.Repair{Position: &campaign.Position{Status: campaign.Completed, StepID: "intro", StepIndex: 1}, Sent: sent, At: time.Now()}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 2)
			b.pace(`{"gap": 1000000}`)
			b.queuedBehind(1, 2)
			b.repair(1, c.repair)
			b.ahead()
			require.Equal(t, []int64{2}, b.given())
			require.Equal(t, c.place, b.lineState(1))
		})
	}
}

// Law 7: who waits for a turn by its workflow waits for one by its row, at the step at which it stands now.
func TestWhoWaitsForATurnWaitsForOneAfterABackup(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.pace(`{"gap": 1000000}`)
	b.queuedBehind(1, 2)
	before := one[int64](b, `SELECT seq FROM line WHERE enrollment_id = 1`)
	b.repair(1, campaign.Repair{Position: &campaign.Position{Status: campaign.Waiting, StepID: "intro", Visit: 1}})
	require.Equal(t, before, one[int64](b, `SELECT seq FROM line WHERE enrollment_id = 1`), "its place is that of before")
	b.exec(`UPDATE enrollments SET status = 'Active' WHERE id = 2`)
	b.exec(`UPDATE line SET step_id = 'before' WHERE enrollment_id = 2`)
	b.repair(2, campaign.Repair{Position: &campaign.Position{Status: campaign.Waiting, StepID: "intro", Visit: 1}})
	require.Equal(t, "none", b.lineState(2), "the place of a step before is none of this one")
	require.Equal(t, []int64{1}, b.given())
	require.Equal(t, "waiting", b.lineState(2))
}
