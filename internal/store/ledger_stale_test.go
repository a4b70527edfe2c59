package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// A stale attempt is one whose worker was given up (its heartbeats stopped),
// and which goes on all the same while another attempt has decided otherwise.

// Law 2: the workflow waits at the park, so the row must stay there.
func TestAStaleAttemptDoesNotSendForAContactThatIsHeld(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]campaign.Check{
		"parked": found(noSender),
		"paused": func(campaign.Facts) campaign.Finding { return campaign.Finding{Paused: true} },
		"waiting": func(facts campaign.Facts) campaign.Finding {
			return campaign.Finding{Until: facts.Now.Add(time.Hour)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupLedger(t, 1)
			b.exec(`UPDATE plan SET unlimited = false, credits = 1`)
			costs := draft("c@contoso.example")
			costs.CostsCredit, costs.Seen = true, campaign.Active
			stale, err := b.Claim(b.ctx, b.attempt(1), costs)
			require.NoError(t, err)
			_, err = b.Hold(b.ctx, b.attempt(1), check)
			require.NoError(t, err)
			held := b.status(1)
			require.EqualValues(t, 1, one[int64](b, `SELECT credits FROM plan`), "the credit of the claim that was left goes back")

			require.ErrorIs(t, b.Gate(b.ctx, stale), campaign.ErrSuperseded, "what is held is not sent")
			require.Equal(t, held, b.status(1))
			if name == "waiting" {
				return // a timer ends it, no signal is needed
			}
			_, err = b.Claim(b.ctx, b.attempt(1), costs)
			require.ErrorIs(t, err, campaign.ErrSuperseded, "a park or pause that another attempt has written is not closed")
			require.Equal(t, held, b.status(1))
			require.Equal(t, 1, one[int](b, `SELECT count(*) FROM parked_on`), "the fix still finds it")

			resumed := b.attempt(1)
			resumed.ResumedPark, costs.Seen = 1, held
			_, err = b.Claim(b.ctx, resumed, costs)
			require.NoError(t, err, "the attempt that was resumed goes on")
		})
	}
}

// Law 1 before law 2: what may be out is looked at before anything is held.
func TestNothingIsHeldWhileAMessageIsOut(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	delivery := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	held, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	require.Equal(t, campaign.Held{}, held)
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), delivery, "250 ok"))
	require.Equal(t, campaign.Waiting, b.status(1))
}

// A lost answer has parked, and the cause is fixed before the next try: the
// workflow has to hear of the park all the same, for the fix resumes that one.
func TestAnOpenParkIsToldEvenWhenItsCauseIsGone(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	first, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	again, err := b.Hold(b.ctx, b.attempt(1), emailCheck)
	require.NoError(t, err)
	require.Equal(t, first.Parked.ParkID, again.Parked.ParkID)
	require.Equal(t, campaign.InError, b.status(1))
}

// Law 2: a stale attempt of the first step finds it sent, and a later step parked.
func TestAStaleReceiptLeavesTheNextStepParked(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	delivery := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(1), delivery, "250 ok"))
	tell := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}}
	_, err := b.Hold(b.ctx, tell, found(failure.Problem{Code: failure.OwnerHasNoPhone, Causes: []failure.Cause{failure.OwnerPhone("maya")}}))
	require.NoError(t, err)
	_, sent, err := b.AcceptSent(b.ctx, b.attempt(1), false)
	require.NoError(t, err)
	require.True(t, sent)
	require.Equal(t, campaign.InError, b.status(1))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM parked_on`))
}

// Nothing brings back an enrollment that has ended, and nothing is sent for it.
func TestADisenrolledContactStaysDisenrolled(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	delivery := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.disenrolled(b.ctx, 1, "asked to", "maya"))
	_, err := b.MarkUncertain(b.ctx, b.attempt(1), delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.ErrorIs(t, err, campaign.ErrSuperseded)
	require.Equal(t, campaign.Disenrolled, b.status(1))
	require.Equal(t, campaign.Uncertain, b.state(b.attempt(1)))
	_, err = b.Fail(b.ctx, b.attempt(1), delivery, campaign.Refusal{Reply: "554 no", Final: true,
		Problem: &failure.Problem{Code: failure.SendingFailed}}, emailCheck)
	require.NoError(t, err, "the answer is still the truth about the delivery")
	require.Equal(t, campaign.Failed, b.state(b.attempt(1)))
	require.Equal(t, campaign.Disenrolled, b.status(1))

	require.NoError(t, b.disenrolled(b.ctx, 2, "asked to", "maya"))
	_, err = b.Claim(b.ctx, b.attempt(2), draft("c@contoso.example"))
	require.ErrorIs(t, err, campaign.ErrSuperseded)
}

// Law 4: an answer is for one uncertain delivery. Neither a late answer of the
// server nor an operator's settles one that came later.
func TestAnAnswerIsForItsOwnDoubtOnly(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	doubt := failure.Problem{Code: failure.DeliveryUncertain}

	first := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, first))
	_, err := b.MarkUncertain(b.ctx, b.attempt(1), first, doubt)
	require.NoError(t, err)
	again := b.attempt(1)
	again.Visit, again.ResumedPark, again.Resume = 2, 1, &campaign.Resume{Assume: campaign.AssumeNotSent}
	second := b.claim(again)
	require.NoError(t, b.Gate(b.ctx, second))
	require.NoError(t, b.MarkSent(b.ctx, again, second, "250 ok"))
	tell := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: 2, Visit: 1, ResumedPark: 1}
	told := b.claim(tell)
	require.NoError(t, b.Gate(b.ctx, told))
	_, err = b.MarkUncertain(b.ctx, tell, told, doubt)
	require.NoError(t, err)
	require.ErrorIs(t, b.MarkSent(b.ctx, b.attempt(1), first, "250 ok"), campaign.ErrLate)
	require.Equal(t, 0, one[int](b, `SELECT count(*) FROM outbox WHERE done_at IS NULL`), "the first step's answer is none for the third")

	// Resumed as sent, it had failed after all, was sent again, and is uncertain again.
	resumed := b.attempt(2)
	resumed.Resume = &campaign.Resume{Assume: campaign.AssumeSent}
	delivery := b.claim(b.attempt(2))
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err = b.MarkUncertain(b.ctx, resumed, delivery, doubt)
	require.NoError(t, err)
	_, sent, err := b.AcceptSent(b.ctx, resumed, true)
	require.NoError(t, err)
	require.False(t, sent, "the operator has not been asked about this one")
	require.Equal(t, campaign.Uncertain, b.state(resumed))
}

// Law 1: a workflow that was reset counts fewer visits than the ledger, and the
// answer of any visit may come late.
func TestAnyVisitThatWasSentCounts(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	visit := b.attempt(1)
	for visit.Visit = 1; visit.Visit <= 2; visit.Visit++ {
		delivery := b.claim(visit)
		require.NoError(t, b.Gate(b.ctx, delivery))
		held, err := b.MarkUncertain(b.ctx, visit, delivery, failure.Problem{Code: failure.DeliveryUncertain})
		require.NoError(t, err)
		visit.ResumedPark = held.Parked.ParkID
	}
	third := b.claim(visit)
	late := campaign.Delivery{EnrollmentID: 1, StepID: "intro", Visit: 1, Epoch: 1}
	require.ErrorIs(t, b.MarkSent(b.ctx, b.attempt(1), late, "250 ok"), campaign.ErrLate)
	require.ErrorIs(t, b.Gate(b.ctx, third), campaign.ErrSuperseded)
	facts, err := b.Facts(b.ctx, visit)
	require.NoError(t, err)
	require.Equal(t, campaign.Sent, facts.Delivery.State, "the next look finds the receipt")

	b = setupLedger(t, 1)
	second := b.attempt(1)
	second.Visit = 2
	b.claim(b.attempt(1))
	delivery := b.claim(second)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, second, delivery, "250 ok"))
	b.exec(`UPDATE enrollments SET step_index = 0, status = 'Active'`)
	facts, err = b.Facts(b.ctx, b.attempt(1))
	require.NoError(t, err)
	require.Equal(t, 2, facts.Delivery.Visit)
	require.Equal(t, campaign.Sent, facts.Delivery.State, "a reset workflow finds the later visit")
}

// READ COMMITTED: Sent waits for the transaction that holds the enrollment, and looks again.
func TestSentWaitsForTheEnrollment(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	delivery := b.claim(b.attempt(1))
	require.NoError(t, b.Gate(b.ctx, delivery))
	tx, err := b.pool.Begin(b.ctx)
	require.NoError(t, err)
	_, err = tx.Exec(b.ctx, `UPDATE enrollments SET enrolled_by = 'other' WHERE id = 1`)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- b.MarkSent(b.ctx, b.attempt(1), delivery, "250 ok") }()
	require.Eventually(t, func() bool {
		return one[int](b, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
	}, waitFor, tick)
	require.NoError(t, tx.Commit(b.ctx))
	require.NoError(t, <-done)
	require.Equal(t, campaign.Sent, b.state(b.attempt(1)))
	require.Equal(t, campaign.Waiting, b.status(1))
}

// One credit, two who wait for it, the older without a workflow that takes it.
func TestACreditIsNotKeptForWhoDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	for id := int64(1); id <= 2; id++ {
		_, err := b.Hold(b.ctx, b.attempt(id), emailCheck)
		require.NoError(t, err)
	}
	_, _, err := b.AddCredits(b.ctx, 1, "maya")
	require.NoError(t, err)
	wakes, err := b.OpenEntries(b.ctx)
	require.NoError(t, err)
	for _, want := range []int64{1, 2} {
		targets, err := b.Targets(b.ctx, wakes[0], 10)
		require.NoError(t, err)
		require.Len(t, targets, 1)
		require.Equal(t, want, targets[0].ContactID)
		require.NoError(t, b.AdvanceCursor(b.ctx, wakes[0], targets))
		b.exec(`UPDATE parked_on SET woken_at = woken_at - interval '1 hour'`) // the time that it was set aside for is over
	}
}

// A credit goes back with every definite failure, a late or an assumed one too.
func TestADoubtThatWasNotSentGivesItsCreditBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE plan SET unlimited = false, credits = 5`)
	costs := draft("c@contoso.example")
	costs.CostsCredit = true
	var deliveries []campaign.Delivery
	for id := int64(1); id <= 2; id++ {
		delivery, err := b.Claim(b.ctx, b.attempt(id), costs)
		require.NoError(t, err)
		require.NoError(t, b.Gate(b.ctx, delivery))
		_, err = b.MarkUncertain(b.ctx, b.attempt(id), delivery, failure.Problem{Code: failure.DeliveryUncertain})
		require.NoError(t, err)
		deliveries = append(deliveries, delivery)
	}
	_, err := b.Fail(b.ctx, b.attempt(1), deliveries[0], campaign.Refusal{Reply: "554 no", Final: true}, emailCheck)
	require.NoError(t, err)
	require.EqualValues(t, 4, one[int64](b, `SELECT credits FROM plan`), "the late answer was a no")
	again := b.attempt(2)
	again.Visit, again.ResumedPark = 2, 1
	_, err = b.Claim(b.ctx, again, costs)
	require.NoError(t, err)
	require.EqualValues(t, 4, one[int64](b, `SELECT credits FROM plan`), "one back for the first visit, one for the second")
}
