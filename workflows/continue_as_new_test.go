package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/workflows"
)

// handedOver is the input with which the run continues as new.
func (b *bundle) handedOver(t *testing.T) workflows.EnrollmentInput {
	t.Helper()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, b.env.GetWorkflowError(), &next)
	var input workflows.EnrollmentInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &input))
	require.Equal(t, b.input.FirstTry, input.FirstTry, "the next run tries as this one does")
	require.Equal(t, b.input.Retry, input.Retry)
	return input
}

// A parked enrollment whose history has grown long hands its park to the next
// run, which waits for the same fix and goes on from the same step.
func TestAParkIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.after(time.Minute, func() { b.env.SetContinueAsNewSuggested(true) })
			b.after(2*time.Minute, func() {
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 99, Assume: campaign.AssumeSent})
			})
			b.run()
			input := b.handedOver(t)
			require.Equal(t, campaign.InError, input.State.Status)
			require.Equal(t, failure.OwnerHasNoSendingAddress, input.State.Park.Problem.Code)
			require.Equal(t, 1, input.State.Park.ParkID)

			next := setup(t)
			next.input = input
			next.ledger.parks = b.ledger.parks
			next.after(time.Minute, func() {
				require.Equal(t, 1, next.state(t).Park.ParkID)
				next.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1})
			})
			next.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, next.result(t))
		})
	}
}

// Law 3: the task that reports the long history brings the resume, too. It is
// in the hands of its listener when the run decides to continue as new, and must not
// end with the run: it would not be sent again.
func TestAResumeThatComesWithTheHandOverIsKept(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.after(time.Minute, func() {
				b.env.SignalWorkflowSkippingWorkflowTask(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, By: "maya"})
			})
			b.after(2*time.Minute, func() { b.env.SetContinueAsNewSuggested(true) }) // and then runs the task for both
			b.run()
			input := b.handedOver(t)
			require.NotNil(t, input.State.Early, "the resume has been lost")
			require.Equal(t, "maya", input.State.Early.By)

			next := setup(t)
			next.input = input
			next.ledger.parks = b.ledger.parks
			next.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, next.result(t))
		})
	}
}

// So is one for a park that PostgreSQL knows before the workflow does.
func TestAResumeForAParkToComeIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account.RestingUntil = now.Add(time.Hour)
			b.after(time.Minute, func() { b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, By: "maya"}) })
			b.after(2*time.Minute, func() { b.env.SetContinueAsNewSuggested(true) })
			b.run()
			input := b.handedOver(t)
			require.Nil(t, input.State.Park)

			next := setup(t)
			next.input = input
			next.ledger.facts.Account = nil
			next.env.SetOnActivityCompletedListener(onFirst(func() { // the park is recorded, and its cause is gone
				next.ledger.with(func(f *campaign.Facts) {
					f.Account = &campaign.EmailAccount{Address: "maya@northwind.example", Status: campaign.AccountConnected}
				})
			}))
			next.after(time.Hour, func() { t.Error("the resume was lost: the contact is still parked"); next.env.CancelWorkflow() })
			next.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, next.result(t))
		})
	}
}

// Between two steps a run continues as new as well, and a wait is not begun anew.
func TestAStepIsHandedOver(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, threeSteps...)
			b.env.SetContinueAsNewSuggested(true)
			b.run()
			input := b.handedOver(t)
			require.Equal(t, 1, input.State.StepIndex)
			require.Equal(t, 1, input.State.Sent)

			next := setup(t, threeSteps...)
			next.input = input
			next.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 2}, next.result(t))
			require.Equal(t, []string{"follow-up"}, next.postman.accepted)
		})
	}
}
