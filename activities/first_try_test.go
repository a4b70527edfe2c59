package activities_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
)

var enrollmentsRetry = campaign.Retry{Initial: time.Minute, Factor: 2, Max: time.Hour, Attempts: 50}

// firstTry does the first try of the step, as a local activity.
func (s *script) firstTry(t *testing.T, first *activities.FirstTries) (activities.Result, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment().SetTestTimeout(time.Minute)
	emails := &activities.Emails{Ledger: s, Postman: s, First: first}
	value, err := env.ExecuteLocalActivity(emails.SendEmail, campaign.Attempt{
		EnrollmentID: 1, CampaignKey: "q4", ContactID: 17, StepID: "intro", Visit: 1, Retry: enrollmentsRetry,
	})
	if err != nil {
		return activities.Result{}, err
	}
	var result activities.Result
	require.NoError(t, value.Get(&result))
	return result, nil
}

var needsActivity = activities.Result{Outcome: activities.NeedsActivity}

// The history has nothing but the result to say which message was sent.
func TestAFirstTryThatSendsSaysWhat(t *testing.T) {
	t.Parallel()
	s := newScript()
	result, err := s.firstTry(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Result{Outcome: activities.Done, MessageID: "m@northwind.example", StepID: "intro"}, result)
	require.Equal(t, []string{"facts", "claim", "send", "gate", "dot", "sent"}, s.calls)
}

// What keeps the step from being done is held by the activity, whose failure people see.
func TestAFirstTryParksNothingThatItFinds(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.facts.Contact.Email = ""
	result, err := s.firstTry(t, nil)
	require.NoError(t, err)
	require.Equal(t, needsActivity, result)
	require.Equal(t, []string{"facts"}, s.calls)

	s = newScript()
	s.facts.Status, s.facts.ParkID = campaign.InError, 1
	result, err = s.firstTry(t, nil)
	require.NoError(t, err)
	require.Equal(t, needsActivity, result, "an open park is reported by the activity")
	require.Equal(t, []string{"facts"}, s.calls)
}

// What the server has said is written down at once, and reported by the activity.
func TestAFirstTryRecordsWhatItWasTold(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(context.Context, activities.Gate) (string, error){
		"fail": func(context.Context, activities.Gate) (string, error) {
			return "", &activities.NotAccepted{Verdict: verdict.HardBounce, Words: "550 5.1.1 no"}
		},
		"uncertain": func(ctx context.Context, gate activities.Gate) (string, error) {
			return "", errors.Join(gate(ctx), &activities.Unanswered{Words: "cut"})
		},
	} {
		s := newScript()
		s.send, s.held.Parked = send, &failure.Parked{ParkID: 3, Problem: failure.Problem{Code: failure.DeliveryUncertain}}
		result, err := s.firstTry(t, nil)
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, name, s.calls[len(s.calls)-1])
	}
}

// A pause or a rest is no error: nothing has to be seen, and no activity is needed.
func TestAFirstTryHoldsWhatWaits(t *testing.T) {
	t.Parallel()
	s := newScript()
	until := s.facts.Now.Add(time.Hour)
	s.facts.Account.RestingUntil, s.held = until, campaign.Held{Until: until}
	result, err := s.firstTry(t, nil)
	require.NoError(t, err)
	require.Equal(t, activities.Result{Outcome: activities.Waiting, Until: until}, result)
	require.Equal(t, []string{"facts", "hold"}, s.calls)
}

// Law 6: a technical failure is the first of the enrollment's attempts, and people are
// shown when the next is due.
func TestAFirstTryThatFailsIsTheFirstAttempt(t *testing.T) {
	t.Parallel()
	s := newScript()
	s.errs["send"] = []error{&activities.NotAccepted{Verdict: verdict.Transient, Words: "451 later", RetryAfter: 2 * time.Hour}}
	_, err := s.firstTry(t, nil)
	reported := application(t, err)
	require.False(t, reported.NonRetryable())
	require.Equal(t, string(failure.SendingFailed), reported.Type())
	require.Equal(t, time.Hour, reported.NextRetryDelay(), "not later than the enrollment's longest interval")
	require.Equal(t, 1, s.refusal.Retry.Attempt)
	require.Equal(t, 50, s.refusal.Retry.Of)
	require.WithinDuration(t, time.Now().Add(time.Hour), s.refusal.Retry.NextAt, time.Minute)

	// The activity that goes on begins with that failure, and tries nothing.
	failed := failure.FailedTryFrom(err)
	require.Equal(t, &failure.FailedTry{Detail: "451 later", Words: failure.Ours("451 later"), RetryAfter: time.Hour}, failed)
	again := newScript()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	emails := &activities.Emails{Ledger: again, Postman: again}
	env.RegisterActivity(emails)
	_, err = env.ExecuteActivity(emails.SendEmail, campaign.Attempt{StepID: "intro", Visit: 1, Failed: failed})
	require.Equal(t, reported.Message(), application(t, err).Message())
	require.Equal(t, time.Hour, application(t, err).NextRetryDelay())
	require.Empty(t, again.calls)

	// With one attempt it is the last as well, and says how to fix it.
	_, err = env.ExecuteActivity(emails.SendEmail, campaign.Attempt{StepID: "intro", Visit: 1, Failed: failed, Retry: campaign.Retry{Attempts: 1}})
	require.Equal(t, failure.ProblemFrom(err).Message(), application(t, err).Message())
}

// Another attempt has settled the step: the activity looks how, at once.
func TestAFirstTryThatIsLateIsNoFailure(t *testing.T) {
	t.Parallel()
	for write, err := range map[string]error{"gate": campaign.ErrSuperseded, "sent": campaign.ErrLate} {
		s := newScript()
		s.errs[write] = []error{err}
		result, failed := s.firstTry(t, nil)
		require.NoError(t, failed, write)
		require.Equal(t, needsActivity, result, write)
	}
}

// What is slow before the gate is left to an activity, and so are the next steps of that
// sender. What has passed the gate is waited for.
func TestAFirstTryThatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := &activities.FirstTries{}
		s := newScript()
		s.send = func(ctx context.Context, gate activities.Gate) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}
		result, err := s.firstTry(t, first)
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, []string{"facts", "claim", "send"}, s.calls, "no gate, no dot")

		next := newScript()
		result, err = next.firstTry(t, first)
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, []string{"facts"}, next.calls, "the same sender: not even tried")
		other := newScript()
		other.facts.Account.Address = "tom@northwind.example"
		result, err = other.firstTry(t, first)
		require.NoError(t, err)
		require.Equal(t, activities.Done, result.Outcome, "another sender is not slow")

		owner := newScript()
		owner.send = func(ctx context.Context, gate activities.Gate) (string, error) {
			require.NoError(t, gate(ctx))
			select {
			case <-ctx.Done():
				t.Error("the gate was passed, and the answer is not waited for")
			case <-time.After(10 * activities.FirstTryPatience):
			}
			return "250 ok", nil
		}
		result, err = owner.firstTry(t, &activities.FirstTries{})
		require.NoError(t, err)
		require.Equal(t, activities.Done, result.Outcome)
	})
}

// Law 6: what is slow is no failure, so it does not count as an attempt, wherever it was slow.
func TestAFirstTryThatIsSlowInTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.turn, s.holdWaits = time.Minute, true
		result, err := s.firstTry(t, &activities.FirstTries{})
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, []string{"facts", "hold"}, s.calls)
	})
}

// The facts are bounded as well: a database that stands still keeps no workflow task.
func TestAFirstTryWhoseDatabaseStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.factsWait = true
		result, err := s.firstTry(t, &activities.FirstTries{})
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, []string{"facts"}, s.calls)
	})
}

// Law 1: a first try that has been given up does not pass the gate any more.
func TestAFirstTryThatComesTooLateToTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScript()
		s.send = func(ctx context.Context, gate activities.Gate) (string, error) {
			<-ctx.Done()
			return "", gate(context.WithoutCancel(ctx))
		}
		result, err := s.firstTry(t, &activities.FirstTries{})
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Equal(t, []string{"facts", "claim", "send"}, s.calls, "the database was not asked for the gate")
	})
}

// A worker whose first tries all wait for a server leaves the next ones to activities.
func TestAFirstTryWithoutASlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := &activities.FirstTries{Slots: make(chan struct{}, 1)}
		first.Slots <- struct{}{}
		s := newScript()
		result, err := s.firstTry(t, first)
		require.NoError(t, err)
		require.Equal(t, needsActivity, result)
		require.Empty(t, s.calls)

		<-first.Slots
		result, err = s.firstTry(t, first)
		require.NoError(t, err)
		require.Equal(t, activities.Done, result.Outcome)
		require.Empty(t, first.Slots, "the slot is free again")
	})
}
