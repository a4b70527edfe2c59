package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/verdict"
	"relance/workflows"
)

// paced has the sender's gap not over before a time.
func paced(until time.Time) func(*campaign.Facts) {
	return func(f *campaign.Facts) {
		f.Account.Pace = pace.AccountRules{Gap: 24 * time.Hour}
		f.Turn.Spent.Next = until
	}
}

func TestAnEnrollmentWaitsForItsTurnWithoutATimer(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.ledger.with(paced(now.Add(3 * time.Hour)))
			timers := 0
			b.env.SetOnTimerScheduledListener(func(string, time.Duration) { timers++ })
			b.after(time.Hour, func() {
				require.Equal(t, campaign.Waiting, b.state(t).Status)
				b.env.SignalWorkflow(workflows.TurnSignal.Name, workflows.Turn{Turn: 1}) // too early: it looks, and waits again
			})
			b.after(4*time.Hour, func() {
				require.Equal(t, campaign.Waiting, b.state(t).Status)
				b.ledger.with(func(f *campaign.Facts) { f.Now = now.Add(4 * time.Hour) })
				b.env.SignalWorkflow(workflows.TurnSignal.Name, workflows.Turn{Turn: 2})
			})
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1}, b.result(t))
			require.Zero(t, timers)
		})
	}
}

// A retry that has to wait for a turn in between goes on counting: it does not go round for
// ever, and it rests longer and longer, while others have their turns. A resume begins it anew.
func TestARetryThatWaitsForATurnGoesOnCounting(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.input.Retry.Attempts = 5
			refusal := &activities.NotAccepted{Verdict: verdict.Transient, Words: "451 4.3.0 try later"}
			b.postman.answers = []error{refusal, refusal, refusal, refusal, refusal, refusal}
			var sends []time.Time
			b.postman.during = func() {
				sends = append(sends, b.env.Now())
				b.ledger.with(paced(now.AddDate(0, 0, 1)))
			}
			var rests []time.Duration
			b.env.SetOnActivityCompletedListener(func(_ *activity.Info, value converter.EncodedValue, err error) {
				var result activities.Result
				if err == nil && value.Get(&result) == nil && result.Outcome == activities.Queued {
					rests = append(rests, b.env.Now().Sub(sends[len(sends)-1]))
				}
			})
			turns := 0
			for hour := range 8 {
				b.after(time.Duration(hour+1)*time.Hour, func() {
					switch b.state(t).Status {
					case campaign.Waiting:
						turns++
						b.ledger.with(func(f *campaign.Facts) { f.Turn.Spent.Next = time.Time{} })
						b.env.SignalWorkflow(workflows.TurnSignal.Name, workflows.Turn{Turn: int64(turns)})
					case campaign.InError:
						require.Len(t, sends, 5, "as many attempts as the retry allows")
						b.ledger.with(func(f *campaign.Facts) { f.Turn.Spent.Next = time.Time{} })
						b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil)
					case campaign.Active, campaign.Paused, campaign.Completed, campaign.Disenrolled:
					}
				})
			}
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, b.result(t))
			require.Len(t, sends, 7)
			require.Equal(t, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second, time.Second}, rests)
		})
	}
}
