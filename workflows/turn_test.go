package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
// ever. A resume begins it anew.
func TestARetryThatWaitsForATurnGoesOnCounting(t *testing.T) {
	t.Parallel()
	for name, setup := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.input.Retry.Attempts = 5
			refusal := &activities.NotAccepted{Verdict: verdict.Transient, Words: "451 4.3.0 try later"}
			b.postman.answers = []error{refusal, refusal, refusal, refusal, refusal, refusal}
			sends := 0
			b.postman.during = func() { sends++; b.ledger.with(paced(now.AddDate(0, 0, 1))) }
			turns := 0
			for hour := range 8 {
				b.after(time.Duration(hour+1)*time.Hour, func() {
					switch b.state(t).Status {
					case campaign.Waiting:
						turns++
						b.ledger.with(func(f *campaign.Facts) { f.Turn.Spent.Next = time.Time{} })
						b.env.SignalWorkflow(workflows.TurnSignal.Name, workflows.Turn{Turn: int64(turns)})
					case campaign.InError:
						require.Equal(t, 5, sends, "as many attempts as the retry allows")
						b.ledger.with(func(f *campaign.Facts) { f.Turn.Spent.Next = time.Time{} })
						b.env.SignalWorkflow(workflows.ResumeSignal.Name, nil)
					case campaign.Active, campaign.Paused, campaign.Completed, campaign.Disenrolled:
					}
				})
			}
			b.run()
			require.Equal(t, workflows.EnrollmentResult{Status: campaign.Completed, Sent: 1, Parks: 1}, b.result(t))
			require.Equal(t, 7, sends)
		})
	}
}
