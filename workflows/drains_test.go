package workflows_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"relance/activities"
	"relance/workflows"
)

func enrolling(t *testing.T) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	workflows.Register(env)
	env.RegisterActivity(&activities.Starts{}) // it would panic: nothing that is not expected is called
	t.Cleanup(func() { env.AssertExpectations(t) })
	return env
}

func enrolled(t *testing.T, env *testsuite.TestWorkflowEnvironment) int {
	t.Helper()
	require.True(t, env.IsWorkflowCompleted())
	var result workflows.EnrollContactsResult
	require.NoError(t, env.GetWorkflowResult(&result))
	return result.Started
}

// handedOn is the input of the run that goes on.
func handedOn(t *testing.T, env *testsuite.TestWorkflowEnvironment) (input workflows.EnrollContactsInput) {
	t.Helper()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &next)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &input))
	return input
}

func TestAFewNeedNoActivity(t *testing.T) {
	t.Parallel()
	env := enrolling(t)
	env.OnActivity(workflows.StartFewActivity, mock.Anything, "q4").Return(activities.Few{Started: 3}, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4", Few: true})
	require.Equal(t, 3, enrolled(t, env))
}

func TestWhatIsMoreThanAFewIsARunOfItsOwn(t *testing.T) {
	t.Parallel()
	env := enrolling(t)
	env.OnActivity(workflows.StartFewActivity, mock.Anything, "q4").Return(activities.Few{Started: 20, More: true}, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4", Few: true})
	next := handedOn(t, env)
	require.Equal(t, workflows.EnrollContactsInput{CampaignKey: "q4", Started: 20}, next)

	env = enrolling(t)
	env.OnActivity(workflows.StartEnrollmentsActivity, mock.Anything, "q4").Return(980, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, next)
	require.Equal(t, 1000, enrolled(t, env))
}

func TestAnActivityDoesWhatTheTaskCouldNot(t *testing.T) {
	t.Parallel()
	env := enrolling(t)
	env.OnActivity(workflows.StartFewActivity, mock.Anything, "q4").Return(activities.Few{}, errors.New("no database")).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4", Few: true})
	require.Equal(t, workflows.EnrollContactsInput{CampaignKey: "q4"}, handedOn(t, env))
}

// A request that comes while a run is at it may have come after its last look.
func TestARunThatIsAskedAgainLooksAgain(t *testing.T) {
	t.Parallel()
	env := enrolling(t)
	env.OnActivity(workflows.StartEnrollmentsActivity, mock.Anything, "q4").Return(func(context.Context, string) (int, error) {
		env.SignalWorkflow(workflows.EnrollSignal.Name, nil)
		return 5, nil
	}).Once()
	env.OnActivity(workflows.StartEnrollmentsActivity, mock.Anything, "q4").Return(2, nil).Once()
	env.ExecuteWorkflow(workflows.EnrollContacts, workflows.EnrollContactsInput{CampaignKey: "q4"})
	require.Equal(t, 7, enrolled(t, env))
}
