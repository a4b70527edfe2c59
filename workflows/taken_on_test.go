package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/workflows"
)

// once runs do when the first message has been settled, before the workflow hears of it: what another
// process does in that moment.
func (b *bundle) once(do func()) { b.ledger.onSent = func() { b.ledger.onSent = nil; do() } }

// takeOn is what `enroll --continue` does to who has done the last step, when its workflow is still open.
func (b *bundle) takeOn(next campaign.Next, steps ...campaign.Step) {
	b.ledger.with(func(f *campaign.Facts) {
		f.Campaign.Known = f.Campaign.Path()
		f.Campaign.Steps = steps
		f.Campaign.Version++
		f.StepIndex = next.StepIndex
	})
	b.env.SignalWorkflowSkippingWorkflowTask(workflows.ContinueSignal.Name, next)
}

// Law 2: an enrollment that is taken on between its last step and the end of its workflow goes on.
func TestWhoIsTakenOnBeforeTheEndGoesOn(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, email("a"))
			b.once(func() {
				b.takeOn(campaign.Next{StepID: "wait", StepIndex: 2, Kind: campaign.Email}, email("a"), wait(day), email("b"))
			})
			b.clock(day)
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 2}, b.result(t))
			require.Equal(t, []string{"a", "b"}, b.postman.accepted)
			require.Equal(t, day, b.env.Now().Sub(now))
		})
	}
}

// The run that a start has found may have gone on by itself, as one whose last answer was lost:
// it has been where the signal says.
func TestWhoHasGoneOnByItselfIsNotTakenOnTwice(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{0, time.Hour} {
		b := shapes["follows"](t, email("a"), wait(day), email("b"))
		signal := func() {
			b.env.SignalWorkflow(workflows.ContinueSignal.Name, campaign.Next{StepID: "b", StepIndex: 2, Kind: campaign.Email})
		}
		b.after(late, signal)
		b.clock(day)
		b.run()
		require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 2}, b.result(t))
		require.Equal(t, []string{"a", "b"}, b.postman.accepted)
	}
}

// One that had kept its steps is one that follows from then on, also in the runs that come.
func TestWhoIsTakenOnFollowsTheCampaign(t *testing.T) {
	t.Parallel()
	b := shapes["first try in the task"](t, email("a"))
	next := campaign.Next{StepID: "b", StepIndex: 2, Kind: campaign.Email}
	b.once(func() {
		b.takeOn(next, email("a"), email("b"))
		b.ledger.with(func(f *campaign.Facts) { f.Contact.Email = "" })
	})
	b.after(time.Hour, func() { b.env.SetContinueAsNewSuggested(true) })
	b.after(2*time.Hour, func() { b.env.SignalWorkflow(workflows.UnpauseSignal.Name, nil) })
	b.run()
	input := b.handedOver(t)
	require.Equal(t, &next, input.First)
	require.Equal(t, workflows.FollowSteps("b"), input.Steps)
	require.Equal(t, 1, input.State.Park.ParkID)
}

// One of another round begins when this one has ended.
func TestAnotherRoundIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	b := shapes["follows"](t, email("a"))
	b.once(func() {
		b.takeOn(campaign.Next{StepID: "b", StepIndex: 5, Kind: campaign.Email, Visit: 2}, email("a"), email("b"))
	})
	b.run()
	require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
}

// A disenrollment that was asked for in the same moment is not lost: nothing more is sent.
func TestWhoIsTakenOnAndTakenOutLeaves(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, email("a"))
			b.once(func() {
				b.takeOn(campaign.Next{StepID: "b", StepIndex: 2, Kind: campaign.Email}, email("a"), email("b"))
				b.env.SignalWorkflowSkippingWorkflowTask(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left"})
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Disenrolled, Sent: 1, Reason: "left"}, b.result(t))
			require.Equal(t, []string{"left"}, b.ledger.disenrolls)
			require.Equal(t, []string{"a"}, b.postman.accepted)
		})
	}
}

// A history that has grown long is continued as new, and what the run was signalled of goes with it.
func TestWhatWasSignalledIsCarriedOver(t *testing.T) {
	t.Parallel()
	b := shapes["follows"](t, email("a"), wait(7*day), email("b"))
	b.once(func() {
		b.env.SetContinueAsNewSuggested(true)
		b.ledger.with(func(f *campaign.Facts) {
			f.Campaign.Known = f.Campaign.Path()
			f.Campaign.Steps = []campaign.Step{email("a"), wait(time.Hour), email("b")}
			f.Campaign.Version++
		})
		b.env.SignalWorkflowSkippingWorkflowTask(workflows.EditedSignal.Name, nil)
		b.env.SignalWorkflowSkippingWorkflowTask(workflows.ContinueSignal.Name, campaign.Next{StepID: "c", StepIndex: 9, Kind: campaign.Email})
	})
	b.run()
	input := b.handedOver(t)
	require.Equal(t, 9, input.State.Onward.StepIndex)

	next := b.resumed(t, shapes["follows"], input, 0)
	next.clock(time.Hour)
	next.run()
	require.Equal(t, []string{"a", "b"}, next.postman.accepted)
	require.Equal(t, time.Hour, next.env.Now().Sub(now), "the wait is the one of the edit")
}

// The last run does not continue as new: it would be signalled in vain.
func TestWhoHasDoneTheLastStepEnds(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, email("a"))
			b.once(func() { b.env.SetContinueAsNewSuggested(true) })
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
		})
	}
}

// Law 9: a disenrollment that comes with what wakes the workflow is read before anything is sent.
func TestADisenrollmentIsReadBeforeTheFirstTry(t *testing.T) {
	t.Parallel()
	leave := func(b *bundle) {
		b.env.SignalWorkflowSkippingWorkflowTask(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left"})
	}
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, email("a"), wait(day), email("b"))
			b.after(day-time.Nanosecond, func() { leave(b) }) // with the timer
			b.clock(day)
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Disenrolled, Sent: 1, Reason: "left"}, b.result(t))
			require.Equal(t, []string{"a"}, b.postman.accepted)

			b = setup(t, email("a"), email("b")) // with the result
			b.once(func() { leave(b) })
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Disenrolled, Sent: 1, Reason: "left"}, b.result(t))
			require.Equal(t, []string{"a"}, b.postman.accepted)
		})
	}
}
