package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/verdict"
)

// numbered has an activity see its policy, and which attempt it is, as from the server: the
// SDK's environment leaves both out.
type numbered struct {
	interceptor.WorkerInterceptorBase
	interceptor.ActivityInboundInterceptorBase
	interceptor.ActivityOutboundInterceptorBase
	attempt int32
	policy  temporal.RetryPolicy
}

func (n *numbered) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	n.ActivityInboundInterceptorBase.Next = next
	return n
}

func (n *numbered) Init(outbound interceptor.ActivityOutboundInterceptor) error {
	n.ActivityOutboundInterceptorBase.Next = outbound
	return n.ActivityInboundInterceptorBase.Next.Init(n)
}

func (n *numbered) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	return n.ActivityInboundInterceptorBase.Next.ExecuteActivity(ctx, in)
}

func (n *numbered) GetInfo(ctx context.Context) activity.Info {
	info := n.ActivityOutboundInterceptorBase.Next.GetInfo(ctx)
	info.Attempt, info.RetryPolicy = n.attempt, &n.policy
	return info
}

// An activity that goes on after a turn has a policy that begins with the rest that is due then:
// people are shown that rest, and not one that has grown twice.
func TestTheRestThatIsShownIsTheOneThatIsTaken(t *testing.T) {
	t.Parallel()
	retry := campaign.Retry{Initial: time.Second, Factor: 2, Max: time.Minute, Attempts: 50}
	for _, c := range []struct {
		tried   int
		attempt int32
		rest    time.Duration
	}{{0, 1, time.Second}, {0, 3, 4 * time.Second}, {2, 1, 4 * time.Second}, {2, 3, 16 * time.Second}, {9, 1, time.Minute}} {
		s := newScript()
		s.errs["send"] = []error{&activities.NotAccepted{Verdict: verdict.Transient, Words: "451 later"}}
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestActivityEnvironment()
		env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&numbered{attempt: c.attempt, policy: temporal.RetryPolicy{
			InitialInterval: retry.Delay(c.tried + 1), BackoffCoefficient: retry.Factor, MaximumInterval: retry.Max, MaximumAttempts: int32(retry.Attempts - c.tried),
		}}}})
		emails := &activities.Emails{Ledger: s, Postman: s}
		env.RegisterActivity(emails)
		_, err := env.ExecuteActivity(emails.SendEmail, campaign.Attempt{StepID: "intro", Visit: 1, Tried: c.tried})
		require.Error(t, err)
		require.NotNil(t, s.refusal.Retry)
		require.Equal(t, c.tried+int(c.attempt), s.refusal.Retry.Attempt)
		require.Equal(t, 50, s.refusal.Retry.Of)
		require.Equal(t, c.rest, s.refusal.Retry.NextAt.Sub(s.refusal.Retry.FailedAt), "%+v", c)
	}
}
