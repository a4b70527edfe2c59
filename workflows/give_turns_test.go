package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/workflows"
)

// Each giver whose worker ends is followed a second later by the next, the ninth as well as the
// first: all lines stand meanwhile.
func TestTheNinthGiverComesAsSoonAsTheFirst(t *testing.T) {
	t.Parallel()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	env.RegisterActivity(&activities.Turns{}) // it would panic: nothing that is not expected is called
	const ended = 8                           // the test environment gives an activity ten attempts
	givers := 0
	env.OnActivity(workflows.GiveTurnsActivity, mock.Anything).Return(func(ctx context.Context) error {
		require.Equal(t, activities.GiverTimeout, activity.GetInfo(ctx).HeartbeatTimeout)
		if givers++; givers <= ended {
			return errors.New("this worker stops")
		}
		return nil
	})
	began := env.Now()
	env.ExecuteWorkflow(workflows.GiveTurns)
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &next)
	require.Equal(t, ended+1, givers)
	require.LessOrEqual(t, env.Now().Sub(began), ended*(time.Second+100*time.Millisecond))
}
