package workflows_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
	"relance/workflows"
)

func drains(t *testing.T) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(&activities.Starts{})
	env.RegisterActivity(&activities.Wakes{})
	t.Cleanup(func() { env.AssertExpectations(t) }) // and nothing that is not expected is called
	return env
}

func result[T any](t *testing.T, env *testsuite.TestWorkflowEnvironment) (value T) {
	t.Helper()
	require.True(t, env.IsWorkflowCompleted())
	require.NoError(t, env.GetWorkflowResult(&value))
	return value
}

func TestAFewNeedNoActivity(t *testing.T) {
	t.Parallel()
	env := drains(t)
	env.OnActivity("StartFew", mock.Anything, "q4").Return(activities.Few{Done: 3}, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4"})
	require.Equal(t, workflows.EnrollContactsResult{Started: 3}, result[workflows.EnrollContactsResult](t, env))
}

func TestAnActivityDoesTheRest(t *testing.T) {
	t.Parallel()
	env := drains(t)
	env.OnActivity("WakeFew", mock.Anything).Return(activities.Few{Done: 20, More: true}, nil).Once()
	env.OnActivity("Wake", mock.Anything).Return(activities.WakeResult{Signalled: 980}, nil).Once()
	env.ExecuteWorkflow(workflows.WakeContacts)
	require.Equal(t, workflows.WakeContactsResult{Signalled: 1000}, result[workflows.WakeContactsResult](t, env))
}

func TestAnActivityDoesWhatTheTaskCouldNot(t *testing.T) {
	t.Parallel()
	env := drains(t)
	env.OnActivity("StartFew", mock.Anything, "q4").Return(activities.Few{}, errors.New("no database")).Once()
	env.OnActivity("StartEnrollments", mock.Anything, "q4").Return(3, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4"})
	require.Equal(t, workflows.EnrollContactsResult{Started: 3}, result[workflows.EnrollContactsResult](t, env))
}

// Whoever asks while a run is at it may have come after its last look.
func TestARunThatIsAskedAgainLooksAgain(t *testing.T) {
	t.Parallel()
	env := drains(t)
	env.OnActivity("StartFew", mock.Anything, "q4").Return(activities.Few{More: true}, nil).Once()
	env.OnActivity("StartEnrollments", mock.Anything, "q4").Return(func(context.Context, string) (int, error) {
		env.SignalWorkflow(workflows.EnrollSignal, nil)
		return 5, nil
	}).Once()
	env.OnActivity("StartFew", mock.Anything, "q4").Return(activities.Few{Done: 2}, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4"})
	require.Equal(t, workflows.EnrollContactsResult{Started: 7}, result[workflows.EnrollContactsResult](t, env))
}
