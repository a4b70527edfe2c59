package activities_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/failure"
)

// othersDot is a ledger in which the dot of another attempt has been out for a while; the
// answer may be written down later.
type othersDot struct {
	*script
	wireAt, answered time.Time
}

func (o *othersDot) Facts(ctx context.Context, attempt campaign.Attempt) (campaign.Facts, error) {
	facts, err := o.script.Facts(ctx, attempt)
	facts.Now = time.Now()
	facts.Delivery = &campaign.Delivery{State: campaign.OnWire, Visit: 1, WireAt: o.wireAt}
	if !o.answered.IsZero() && !facts.Now.Before(o.answered) {
		facts.Delivery.State = campaign.Sent
	}
	return facts, err
}

// A worker that was only slow with its heartbeat gets its answer: nobody is asked (law 4).
func TestTheAnswerOfAnotherAttemptIsAwaited(t *testing.T) {
	t.Parallel()
	const grace = 30 * time.Second
	for name, c := range map[string]struct {
		out, answer time.Duration // of the dot so far; until the answer, 0 for never
		first       bool
		ends        string
		after       time.Duration
	}{
		"it comes":              {12 * time.Second, 7 * time.Second, false, "receipt", 7 * time.Second},
		"it does not come":      {12 * time.Second, 0, false, "uncertain", 18 * time.Second},
		"it had its time":       {40 * time.Second, 0, false, "uncertain", 0},
		"a first try waits not": {12 * time.Second, 7 * time.Second, true, "facts", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScript()
				s.held.Parked = &failure.Parked{ParkID: 3, Problem: failure.Problem{Code: failure.DeliveryUncertain}}
				now := time.Now()
				dot := &othersDot{script: s, wireAt: now.Add(-c.out)}
				if c.answer > 0 {
					dot.answered = now.Add(c.answer)
				}
				emails := &activities.Emails{Ledger: dot, Postman: s, Grace: grace, First: &activities.FirstTries{Slots: make(chan struct{}, 1)}}
				result, _ := tried(t, emails, campaign.Attempt{StepID: "intro", Visit: 1}, c.first)
				require.Equal(t, c.ends, s.calls[len(s.calls)-1])
				require.NotContains(t, s.calls, "claim", "nothing is sent")
				require.WithinDuration(t, now.Add(c.after), time.Now(), 2*time.Second)
				if c.first {
					require.Equal(t, activities.NeedsActivity, result.Outcome)
				}
			})
		})
	}
}

// tried tries a step once, as an ordinary activity or as a first try.
func tried(t *testing.T, emails *activities.Emails, attempt campaign.Attempt, first bool) (result activities.Result, err error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(emails)
	execute := env.ExecuteActivity
	if first {
		execute = env.ExecuteLocalActivity
	}
	value, err := execute(emails.SendEmail, attempt)
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}
