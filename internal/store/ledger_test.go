package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func TestASendFromClaimToSent(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	attempt := b.attempt(1)
	delivery := b.claim(attempt)
	require.Equal(t, campaign.Reserved, delivery.State)
	require.Equal(t, 1, delivery.Epoch)
	require.NoError(t, b.Gate(b.ctx, delivery))
	out, err := b.Facts(b.ctx, attempt)
	require.NoError(t, err)
	require.WithinDuration(t, out.Now, out.Delivery.WireAt, time.Minute, "when the dot went out")
	require.Equal(t, campaign.OnWire, b.state(attempt))
	require.NoError(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
	require.Equal(t, campaign.Sent, b.state(attempt))
	require.Equal(t, campaign.Waiting, b.status(1))
	require.Equal(t, "wait-2", one[string](b, `SELECT step_id FROM enrollments WHERE id = 1`))
	require.InDelta(t, 72*3600, one[float64](b, `SELECT extract(epoch FROM next_at - clock_timestamp()) FROM enrollments WHERE id = 1`), 60)

	_, err = b.Claim(b.ctx, attempt, draft("other@contoso.example"))
	require.ErrorIs(t, err, campaign.ErrSuperseded, "a step that is done is never claimed again")
	again, sent, err := b.AcceptSent(b.ctx, attempt, false)
	require.NoError(t, err)
	require.True(t, sent)
	require.Equal(t, "first@northwind.example", again.MessageID)

	tell := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "tell", StepIndex: 2, Visit: 1, Next: campaign.Next{Completed: true}}
	delivery = b.claim(tell)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, tell, delivery, "SM1"))
	require.Equal(t, campaign.Completed, b.status(1))
}

// Law 1: of two attempts that both believe they own the send, one passes the gate.
func TestTheGateOpensForTheLastClaimOnly(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	attempt := b.attempt(1)
	first := b.claim(attempt)
	second := b.claim(attempt)
	require.Equal(t, 2, second.Epoch)
	require.Equal(t, first.MessageID, second.MessageID, "every attempt composes the same message")
	require.ErrorIs(t, b.Gate(b.ctx, first), campaign.ErrSuperseded)
	require.NoError(t, b.Gate(b.ctx, second))
	require.ErrorIs(t, b.Gate(b.ctx, second), campaign.ErrSuperseded, "the gate opens once")

	third, err := b.Claim(b.ctx, attempt, draft("c@contoso.example"))
	require.NoError(t, err)
	require.Equal(t, campaign.OnWire, third.State, "what is on the wire is never taken over")
}

// Law 4, and its happy end: the answer of a worker that was given up comes late.
func TestALateAnswerResolvesTheDoubt(t *testing.T) {
	t.Parallel()
	for _, accepted := range []bool{true, false} {
		b := setupLedger(t, 1)
		attempt := b.attempt(1)
		delivery := b.claim(attempt)
		require.NoError(t, b.Gate(b.ctx, delivery))
		held, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
		require.NoError(t, err)
		require.Equal(t, 1, held.Parked.ParkID)
		require.Equal(t, campaign.Uncertain, b.state(attempt))

		state, answer := campaign.Sent, campaign.AssumeSent
		if accepted {
			require.ErrorIs(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"), campaign.ErrLate)
		} else {
			state, answer = campaign.Failed, campaign.AssumeNotSent
			_, err := b.Fail(b.ctx, attempt, delivery, campaign.Refusal{Reply: "554 no"}, emailCheck)
			require.NoError(t, err)
		}
		require.Equal(t, state, b.state(attempt))
		require.Equal(t, campaign.InError, b.status(1), "the workflow is signalled, and moves the row")
		wakes, err := b.OpenEntries(b.ctx)
		require.NoError(t, err)
		require.Len(t, wakes, 1)
		require.Equal(t, answer, wakes[0].Assume)
		targets, err := b.Targets(b.ctx, wakes[0], 10)
		require.NoError(t, err)
		require.Len(t, targets, 1)
	}
}

func TestAnOperatorsAnswer(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	for id := int64(1); id <= 2; id++ {
		delivery := b.claim(b.attempt(id))
		require.NoError(t, b.Gate(b.ctx, delivery))
		_, err := b.MarkUncertain(b.ctx, b.attempt(id), delivery, failure.Problem{Code: failure.DeliveryUncertain})
		require.NoError(t, err)
	}
	sent := b.attempt(1)
	sent.ResumedPark, sent.Resume = 1, &campaign.Resume{Assume: campaign.AssumeSent, By: "maya"}
	_, ok, err := b.AcceptSent(b.ctx, sent, true)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, campaign.Waiting, b.status(1))

	not := b.attempt(2)
	not.Visit, not.ResumedPark, not.Resume = 2, 1, &campaign.Resume{Assume: campaign.AssumeNotSent, By: "maya"}
	delivery := b.claim(not)
	require.Equal(t, campaign.Reserved, delivery.State)
	require.Equal(t, campaign.Failed, b.state(b.attempt(2)))

	// The first visit's answer comes after all, before the second's dot.
	first, err := collectDelivery(b.pool.Query(b.ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE enrollment_id = 2 AND visit = 1`))
	require.NoError(t, err)
	require.ErrorIs(t, b.MarkSent(b.ctx, b.attempt(2), first, "250 ok"), campaign.ErrLate)
	require.ErrorIs(t, b.Gate(b.ctx, delivery), campaign.ErrSuperseded)
	receipt, err := b.Claim(b.ctx, not, draft("c@contoso.example"))
	require.NoError(t, err)
	require.Equal(t, campaign.Sent, receipt.State)
}

// An edit can lead an enrollment away from a message that was said not to have been sent, and back
// to it: what the server then accepts is accepted on its word, and on nobody else's (law 4).
func TestWhatIsClaimedAnewIsAcceptedOnTheServersWord(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 1)
	attempt := b.attempt(1)
	delivery := b.claim(attempt)
	require.NoError(t, b.Gate(b.ctx, delivery))
	_, err := b.MarkUncertain(b.ctx, attempt, delivery, failure.Problem{Code: failure.DeliveryUncertain})
	require.NoError(t, err)
	b.exec(`UPDATE deliveries SET state = 'failed', assumed_by = 'maya', settled_at = clock_timestamp()`) // as GoOn leaves it
	attempt.ResumedPark = 1
	delivery = b.claim(attempt)
	require.Equal(t, 2, delivery.Epoch)
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, attempt, delivery, "250 ok"))
	events, err := b.Timeline(b.ctx, 1, "")
	require.NoError(t, err)
	require.NotContains(t, fmt.Sprint(events), "an operator said so")
}

func TestCreditsAreDebitedOnceAndGivenBack(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE plan SET unlimited = false, credits = 1`)
	costs := draft("c@contoso.example")
	costs.CostsCredit = true
	_, err := b.Claim(b.ctx, b.attempt(1), costs)
	require.NoError(t, err)
	delivery, err := b.Claim(b.ctx, b.attempt(1), costs) // a take-over pays no second time
	require.NoError(t, err)
	require.EqualValues(t, 0, one[int64](b, `SELECT credits FROM plan`))
	_, err = b.Claim(b.ctx, b.attempt(2), costs)
	require.ErrorIs(t, err, campaign.ErrNoCredits)
	require.Equal(t, 0, one[int](b, `SELECT count(*) FROM deliveries WHERE enrollment_id = 2`), "nothing is left of a claim without credit")
	held, err := b.Hold(b.ctx, b.attempt(2), emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.NoCreditsLeft, held.Parked.Problem.Code)

	_, err = b.Fail(b.ctx, b.attempt(1), delivery, campaign.Refusal{Reply: "550 no", Final: true,
		Problem: &failure.Problem{Code: failure.SendingFailed, Detail: "550 no"}}, emailCheck)
	require.NoError(t, err)
	require.EqualValues(t, 1, one[int64](b, `SELECT credits FROM plan`))
	require.Equal(t, 1, one[int](b, `SELECT count(*) FROM outbox WHERE cause = 'plan' AND done_at IS NULL`), "a credit that comes back is a fix")
}

// The facts were read under a credit plan; the claim is made under an unlimited one, with no credit left or with some.
func TestAnUnlimitedPlanTakesNoCredit(t *testing.T) {
	t.Parallel()
	for _, credits := range []int64{0, 3} {
		b := setupLedger(t, 1)
		b.exec(`UPDATE plan SET unlimited = true, credits = $1`, credits)
		costs := draft("c@contoso.example")
		costs.CostsCredit = true
		delivery, err := b.Claim(b.ctx, b.attempt(1), costs)
		require.NoError(t, err)
		require.False(t, delivery.CostsCredit)
		require.Equal(t, credits, one[int64](b, `SELECT credits FROM plan`))
	}
}

func TestRefusalsRecordWhatTheyMean(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 3)
	delivery := b.claim(b.attempt(1))
	held, err := b.Fail(b.ctx, b.attempt(1), delivery, campaign.Refusal{Reply: "535 no", AccountError: "535 no"}, emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.EmailAccountInError, held.Parked.Problem.Code)
	require.Contains(t, held.Parked.Problem.Message(), "535 no")

	b.exec(`UPDATE email_accounts SET status = 'connected', epoch = 2`)
	delivery = b.claim(b.attempt(2))
	held, err = b.Fail(b.ctx, b.attempt(2), delivery, campaign.Refusal{Reply: "535 no", AccountError: "535 no"}, emailCheck)
	require.NoError(t, err)
	require.Equal(t, campaign.Held{}, held, "a failure seen with the old password says nothing about the new one")

	delivery, err = b.Claim(b.ctx, b.attempt(2), draft("c2@contoso.example"))
	require.NoError(t, err)
	held, err = b.Fail(b.ctx, b.attempt(2), delivery, campaign.Refusal{Reply: "550 5.1.1", Final: true, Bounced: "550 5.1.1"}, emailCheck)
	require.NoError(t, err)
	require.Equal(t, failure.EmailAlreadyBounced, held.Parked.Problem.Code)

	delivery = b.claim(b.attempt(3))
	held, err = b.Fail(b.ctx, b.attempt(3), delivery, campaign.Refusal{Reply: "452 slow down", RestFor: time.Hour}, emailCheck)
	require.NoError(t, err)
	require.False(t, held.Until.IsZero())
	require.Equal(t, campaign.Waiting, b.status(3), "a limit is not an error")
	require.Equal(t, campaign.Reserved, b.state(b.attempt(3)))
}

func TestRecordAsksTheLedgerFirst(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 4)
	timeout := failure.Problem{Code: failure.SendingFailed, Detail: "timed out"}

	b.claim(b.attempt(1))
	held, err := b.Record(b.ctx, b.attempt(1), timeout)
	require.NoError(t, err)
	require.Equal(t, failure.SendingFailed, held.Parked.Problem.Code)
	require.Equal(t, campaign.Failed, b.state(b.attempt(1)))

	delivery := b.claim(b.attempt(2))
	require.NoError(t, b.Gate(b.ctx, delivery))
	held, err = b.Record(b.ctx, b.attempt(2), timeout)
	require.NoError(t, err)
	require.Equal(t, failure.DeliveryUncertain, held.Parked.Problem.Code)
	again, err := b.Record(b.ctx, b.attempt(2), timeout)
	require.NoError(t, err)
	require.Equal(t, held.Parked.ParkID, again.Parked.ParkID, "the same park is not counted twice")

	delivery = b.claim(b.attempt(3))
	require.NoError(t, b.Gate(b.ctx, delivery))
	require.NoError(t, b.MarkSent(b.ctx, b.attempt(3), delivery, "250 ok"))
	held, err = b.Record(b.ctx, b.attempt(3), timeout)
	require.NoError(t, err)
	require.True(t, held.Sent)

	held, err = b.Record(b.ctx, b.attempt(4), timeout)
	require.NoError(t, err)
	require.NotNil(t, held.Parked, "an attempt that claimed nothing parks as well")
}

// It says how the enrollment has ended, also when it had before, or when there is none.
func TestDisenrollSaysHowItHasEnded(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	b.exec(`UPDATE enrollments SET status = 'Completed', ended_at = now() WHERE id = 2`)
	for id, want := range map[int64]campaign.Status{1: campaign.Disenrolled, 2: campaign.Completed, 4711: campaign.Disenrolled} {
		for range 2 {
			status, err := b.Disenroll(b.ctx, id, 0, "asked to", "maya")
			require.NoError(t, err)
			require.Equal(t, want, status, id)
		}
	}
}

func TestDisenrollLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 2)
	_, err := b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.NoError(t, err)
	require.NoError(t, b.disenrolled(b.ctx, 1, "asked to", "maya"))
	require.Equal(t, campaign.Disenrolled, b.status(1))
	require.Equal(t, 0, one[int](b, `SELECT count(*) FROM parked_on`))
	_, err = b.Hold(b.ctx, b.attempt(1), found(noSender))
	require.ErrorIs(t, err, campaign.ErrSuperseded, "a stale attempt cannot park what has ended")

	b.exec(`UPDATE plan SET unlimited = false, credits = 5`)
	costs := draft("c@contoso.example")
	costs.CostsCredit = true
	_, err = b.Claim(b.ctx, b.attempt(2), costs)
	require.NoError(t, err)
	require.NoError(t, b.disenrolled(b.ctx, 2, "", ""))
	require.EqualValues(t, 5, one[int64](b, `SELECT credits FROM plan`))
}
