package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/workflows"
)

// readers fail so often, one after the other; leases are those that were taken from them.
type readers struct {
	fail   int
	reads  int
	leases []string
}

func (r *readers) Read(context.Context, string) (over bool, err error) {
	if r.reads++; r.reads <= r.fail {
		return false, errors.New("PostgreSQL is away")
	}
	return true, nil
}

func (r *readers) LapseMailbox(_ context.Context, address string) error {
	r.leases = append(r.leases, address)
	return nil
}

func (*readers) Idle(context.Context) ([]string, error)                  { return nil, nil }
func (*readers) ForgetRaw(context.Context, time.Duration) (int64, error) { return 0, nil }
func (*readers) StartMailbox(context.Context, string) error              { return nil }

// The attempt after one that was lost takes the mailbox at once: nobody looks into it meanwhile,
// and follow-ups wait (law 9). The first attempt takes it from nobody.
func TestAReaderThatIsGoneIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{0, 2} {
		r := &readers{fail: lost}
		var suite testsuite.WorkflowTestSuite
		env := suite.NewTestWorkflowEnvironment()
		mailboxes := &activities.Mailboxes{Reader: r, Register: r, Starter: r}
		env.RegisterActivityWithOptions(mailboxes.ReadMailbox, activity.RegisterOptions{Name: workflows.ReadMailboxActivity})
		env.ExecuteWorkflow(workflows.Mailbox, workflows.MailboxInput{Address: "maya@northwind.example"})
		require.NoError(t, env.GetWorkflowError())
		require.Equal(t, lost+1, r.reads)
		require.Len(t, r.leases, lost)
	}
}
