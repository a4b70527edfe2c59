package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
	"relance/workflows"
)

// Laws 1 and 4: "not sent", said twice, is about the delivery that was looked at.
// The second comes while the message is sent again, and that is uncertain as well.
func TestAnAnswerSaidTwiceIsForOneDelivery(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			lost := &activities.Unanswered{Words: "the connection was cut after the final dot"}
			b.postman.answers = []error{lost, lost}
			b.after(time.Minute, func() {
				b.postman.during = func() {
					b.postman.during = nil
					b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{Assume: campaign.AssumeNotSent})
				}
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{Assume: campaign.AssumeNotSent})
			})
			b.after(time.Hour, func() {
				state := b.state(t)
				require.Equal(t, 2, state.Park.ParkID, "the second uncertain delivery waits for an answer of its own")
				require.Equal(t, failure.DeliveryUncertain, state.Park.Problem.Code)
				require.Equal(t, 1, state.StaleResumes)
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{Assume: campaign.AssumeSent})
			})
			b.run()
			require.Equal(t, campaign.Completed, b.result(t).Status)
			require.Empty(t, b.postman.accepted, "nothing is sent a third time")
		})
	}
}

// Law 3: an attempt that had been given up parks while the workflow waits for a
// resting account, and that park is fixed before the workflow hears of it.
func TestAResumeOfAParkThatIsNotKnownYetIsKept(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.postman.answers = []error{&activities.NotAccepted{Verdict: verdict.AccountLimit, Words: "452 too many today", RetryAfter: 2 * time.Hour}}
			b.after(time.Hour, func() {
				require.Equal(t, campaign.Waiting, b.state(t).Status)
				b.ledger.with(func(f *campaign.Facts) { f.Now, f.Contact.Email = now.Add(2*time.Hour), "" })
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, FixID: "fix-7"})
			})
			b.env.SetOnActivityCompletedListener(onFirst(func() {
				if b.ledger.parked() == 1 { // the park is recorded, and its cause is gone
					b.ledger.with(func(f *campaign.Facts) { f.Contact.Email = "ada@contoso.example" })
				}
			}))
			b.after(5*time.Hour, func() { t.Error("the resume was lost: the contact is still parked"); b.env.CancelWorkflow() })
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, b.result(t))
		})
	}
}

// Law 3: an update is in no history before its task has been completed. A first try would
// close the park in PostgreSQL inside that task; were the task lost with the update, the
// enrollment would wait at its park for ever.
func TestAnUpdateIsWrittenDownBeforeItIsActedUpon(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.input.FirstTry = workflows.FirstTryBuild
	b.ledger.facts.Contact.Email = ""
	var firstTries, activitiesStarted int
	b.env.SetOnLocalActivityStartedListener(func(*activity.Info, context.Context, []any) { firstTries++ })
	b.env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) { activitiesStarted++ })
	b.after(time.Minute, func() {
		b.ledger.with(func(f *campaign.Facts) { f.Contact.Email = "ada@contoso.example" })
		b.env.UpdateWorkflow(workflows.ResumeUpdate, "one", callbacks(t, "accepted", ""), campaign.Resume{})
	})
	b.run()
	require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, b.result(t))
	require.Equal(t, 1, firstTries, "only the first time")
	require.Equal(t, 2, activitiesStarted, "the park, and the try after the update")
}
