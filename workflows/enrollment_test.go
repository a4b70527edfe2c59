package workflows_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
	"relance/workflows"
)

func (b *bundle) result(t *testing.T) workflows.EnrollmentResult {
	t.Helper()
	require.True(t, b.env.IsWorkflowCompleted(), "the enrollment must have ended")
	require.NoError(t, b.env.GetWorkflowError())
	var result workflows.EnrollmentResult
	require.NoError(t, b.env.GetWorkflowResult(&result))
	return result
}

var threeSteps = []campaign.Step{
	{ID: "intro", Kind: campaign.Email}, {ID: "wait-2", Kind: campaign.Wait, Wait: 72 * time.Hour}, {ID: "follow-up", Kind: campaign.Email},
}

func TestStraightThrough(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, threeSteps...)
			b.after(time.Hour, func() { require.Equal(t, campaign.Waiting, b.state(t).Status) })
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 2}, b.result(t))
			require.Equal(t, []string{"intro", "follow-up"}, b.postman.accepted)
			require.Equal(t, now.Add(72*time.Hour), b.env.Now().UTC(), "the wait is durable and exact")
		})
	}
}

func TestParksAndGoesOnFromTheSameStep(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, threeSteps...)
			b.ledger.facts.Contact.Email = ""
			b.after(time.Minute, func() {
				state := b.state(t)
				require.Equal(t, campaign.InError, state.Status)
				require.Equal(t, failure.ContactHasNoEmail, state.Park.Problem.Code)
				require.Equal(t, 1, state.Park.ParkID)
				b.ledger.with(func(f *campaign.Facts) { f.Contact.Email = "ada@contoso.example" })
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, FixID: "fix-9"})
			})
			b.run()
			require.Equal(t, 1, b.result(t).Parks)
			require.Equal(t, []string{"intro", "follow-up"}, b.postman.accepted)
		})
	}
}

func TestResumeWithoutAFixParksAgainUnderTheNextNumber(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.after(time.Minute, func() { b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil) })
			b.after(2*time.Minute, func() {
				require.Equal(t, 2, b.state(t).Park.ParkID)
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1})
			})
			b.after(3*time.Minute, func() {
				state := b.state(t)
				require.Equal(t, 2, state.Park.ParkID, "a resume of an older park is stale")
				require.Equal(t, 1, state.StaleResumes)
				b.env.SignalWorkflow(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left the company"})
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Disenrolled, Parks: 2, Reason: "left the company"}, b.result(t))
			require.Equal(t, []string{"left the company"}, b.ledger.disenrolls)
			require.Empty(t, b.postman.accepted)
		})
	}
}

func TestTheSameFixTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			for i := range 3 {
				b.after(time.Duration(i+1)*time.Minute, func() {
					b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{FixID: "fix-7"})
				})
			}
			b.after(time.Hour, func() {
				require.Equal(t, 2, b.state(t).Park.ParkID)
				require.Equal(t, 2, b.state(t).StaleResumes)
				b.env.CancelWorkflow()
			})
			b.run()
			require.Error(t, b.env.GetWorkflowError())
		})
	}
}

// The fix and its signal overtake the park's own answer on its way back from
// the activity: the signal is kept, not eaten.
func TestResumeThatComesBeforeThePark(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.postman.answers = []error{&activities.NotAccepted{Verdict: verdict.AccountError, Words: "535 5.7.8 no"}}
			b.postman.during = func() {
				b.postman.during = nil
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{ParkID: 1, FixID: "fix-1"})
			}
			// The account is in error until the workflow looks again.
			b.after(time.Hour, func() { t.Error("the resume was lost: the contact is still parked"); b.env.CancelWorkflow() })
			fixed := false
			b.env.SetOnActivityCompletedListener(onFirst(func() {
				if !fixed {
					fixed = true
					b.ledger.with(func(f *campaign.Facts) { f.Account.Status = campaign.AccountConnected })
				}
			}))
			b.run()
			require.Equal(t, 1, b.result(t).Parks)
			require.Equal(t, []string{"intro"}, b.postman.accepted)
		})
	}
}

func TestTechnicalFailureIsRetriedThenRecorded(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			failed := &activities.NotAccepted{Verdict: verdict.Transient, Words: "451 4.7.1 later"}
			b.postman.answers = []error{failed, failed, failed}
			b.after(time.Hour, func() {
				state := b.state(t)
				require.Equal(t, failure.SendingFailed, state.Park.Problem.Code)
				require.Contains(t, state.Park.Problem.Detail, "451 4.7.1 later")
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil)
			})
			b.run()
			require.Equal(t, []string{"intro"}, b.postman.accepted)
		})
	}
}

func TestUncertainNeedsAnAnswer(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for assume, accepted := range map[campaign.Assume]int{campaign.AssumeSent: 0, campaign.AssumeNotSent: 1} {
				t.Run(string(assume), func(t *testing.T) {
					t.Parallel()
					b := setup(t)
					b.postman.answers = []error{&activities.Unanswered{Words: "the connection was cut after the final dot"}}
					b.after(time.Minute, func() {
						require.Equal(t, failure.DeliveryUncertain, b.state(t).Park.Problem.Code)
						b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil)
					})
					b.after(2*time.Minute, func() {
						require.Equal(t, 1, b.state(t).StaleResumes, "without an answer nothing moves")
						b.env.SignalWorkflow(workflows.ResumeSignal.Name, campaign.Resume{Assume: assume})
					})
					b.run()
					require.Equal(t, campaign.Completed, b.result(t).Status)
					require.Len(t, b.postman.accepted, accepted)
				})
			}
		})
	}
}

func TestUpdateResumeRefusesAtOnce(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.postman.answers = []error{&activities.Unanswered{Words: "cut"}}
			b.after(time.Minute, func() {
				b.env.UpdateWorkflow(workflows.ResumeUpdate, "one", callbacks(t, "", "assume"), campaign.Resume{})
				b.env.UpdateWorkflow(workflows.ResumeUpdate, "two", callbacks(t, "accepted", ""), campaign.Resume{Assume: campaign.AssumeSent})
			})
			b.run()
			require.Equal(t, campaign.Completed, b.result(t).Status)
		})
	}
}

func TestPausedIsNotAnErrorAndGoesOn(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Campaign.Paused = true
			b.after(time.Minute, func() {
				require.Equal(t, campaign.Paused, b.state(t).Status)
				b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil)
			})
			b.after(2*time.Minute, func() {
				require.Equal(t, campaign.Paused, b.state(t).Status)
				b.ledger.with(func(f *campaign.Facts) { f.Campaign.Paused = false })
				b.env.SignalWorkflow(workflows.UnpauseSignal.Name, nil)
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
		})
	}
}

func TestRestingAccountWaitsAndBurnsNothing(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.postman.answers = []error{&activities.NotAccepted{Verdict: verdict.AccountLimit, Words: "452 too many today", RetryAfter: 2 * time.Hour}}
			b.after(time.Hour, func() {
				require.Equal(t, campaign.Waiting, b.state(t).Status)
				b.ledger.with(func(f *campaign.Facts) { f.Now = now.Add(2 * time.Hour) })
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
		})
	}
}

// With PostgreSQL's clock behind Temporal's, what is not yet by that clock is waited for, by one timer.
func TestAClockThatIsBehindIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Now = now.Add(-5 * time.Minute)
			b.ledger.facts.Account.RestingUntil = now.Add(-4 * time.Minute)
			timers := 0
			b.env.SetOnTimerScheduledListener(func(string, time.Duration) { timers++ })
			b.after(59*time.Second, func() {
				require.Equal(t, campaign.Waiting, b.state(t).Status)
				b.ledger.with(func(f *campaign.Facts) { f.Now = now.Add(-4 * time.Minute) })
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
			require.Equal(t, 1, timers)
			require.Equal(t, 1, b.ledger.held)
			require.Equal(t, now.Add(time.Minute), b.env.Now().UTC())
		})
	}
}

func TestCancelledWhileParkedIsRecorded(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.after(time.Minute, func() { b.env.CancelWorkflow() })
			b.run()
			require.ErrorContains(t, b.env.GetWorkflowError(), "canceled")
			require.Len(t, b.ledger.disenrolls, 1)
		})
	}
}

// Law 2: a cancellation that meets a disenrollment on its way to PostgreSQL does not close the
// workflow before its row.
func TestCancelledWhileItLeavesIsRecorded(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.ledger.leaving = func() error {
				b.ledger.leaving = nil
				b.env.CancelWorkflow()
				return errors.New("the database system is starting up")
			}
			b.after(time.Minute, func() {
				b.env.SignalWorkflow(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left the company"})
			})
			b.run()
			require.True(t, b.env.IsWorkflowCompleted())
			require.Equal(t, []string{"left the company"}, b.ledger.disenrolls)
		})
	}
}

// A first try has done the last step, and its task was lost: PostgreSQL has completed the
// enrollment, and the disenrollment that the next task reads comes too late.
func TestADisenrollmentAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.facts.Account = nil
			b.ledger.ended = campaign.Completed
			b.after(time.Minute, func() {
				b.env.SignalWorkflow(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left the company"})
			})
			b.run()
			require.Equal(t, campaign.Completed, b.result(t).Status)
			require.Empty(t, b.result(t).Reason)
		})
	}
}

func TestDisenrolledDuringAWait(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, threeSteps...)
			b.after(time.Hour, func() { b.env.SignalWorkflow(workflows.DisenrollSignal.Name, nil) })
			b.run()
			require.Equal(t, campaign.Disenrolled, b.result(t).Status)
			require.Equal(t, []string{"intro"}, b.postman.accepted)
		})
	}
}

// A worker that is older than the enrollment may meet a kind of step that it does
// not know. It fails its workflow task, and mails nothing.
func TestAnUnknownKindIsNeitherMailedNorSkipped(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, campaign.Step{ID: "branch", Kind: "condition"}, campaign.Step{ID: "intro", Kind: campaign.Email})
			b.run()
			require.ErrorContains(t, b.env.GetWorkflowError(), `step branch is of the kind "condition"`)
			require.Empty(t, b.postman.accepted)
		})
	}
}

// A disenrollment or a cancellation ends the workflow's own round, whatever has been
// resumed in it and however often it has continued as new.
func TestADisenrollmentSaysOfWhichRoundItIs(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		for _, cancelled := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", cancelled ", cancelled), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				first := 1
				if b.input.First != nil {
					again := *b.input.First
					again.Visit, first = 4, 4
					b.input.First = &again
				}
				b.ledger.facts.VisitBase = first - 1
				b.ledger.facts.Account = nil
				b.after(time.Minute, func() {
					if cancelled {
						b.env.CancelWorkflow()
						return
					}
					b.env.SignalWorkflow(workflows.DisenrollSignal.Name, workflows.Disenroll{Reason: "left the company"})
				})
				b.run()
				require.Equal(t, []int{first}, b.ledger.rounds)
			})
		}
	}
}

// A workflow of the round before, whose step is tried once more since its task was lost, ends when it
// finds that the contact has been enrolled again. It sends nothing, and no try of it is taken for one of this round.
func TestAWorkflowOfTheRoundBeforeEnds(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, threeSteps...)
			b.ledger.facts.VisitBase = 1
			b.run()
			require.Equal(t, campaign.Disenrolled, b.result(t).Status)
			require.Empty(t, b.postman.accepted)
			require.Empty(t, b.ledger.disenrolls)
		})
	}
}
