package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"relance/activities"
)

func few(t *testing.T, starts *activities.Starts) activities.Few {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	value, err := suite.NewTestActivityEnvironment().ExecuteLocalActivity(starts.StartFew, "q4")
	require.NoError(t, err)
	var did activities.Few
	require.NoError(t, value.Get(&did))
	return did
}

func TestAFewAreDoneWithinTheWorkflowTask(t *testing.T) {
	t.Parallel()
	r := &register{n: 3}
	require.Equal(t, activities.Few{Started: 3}, few(t, &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 100}))
	require.Equal(t, []int64{1, 2, 3}, r.started)
}

func TestTheRestIsLeftToAnActivity(t *testing.T) {
	t.Parallel()
	r := &register{n: 50}
	require.Equal(t, activities.Few{Started: 20, More: true}, few(t, &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 100}))
	require.Len(t, r.started, 20)
}

func TestWhatFailsIsLeftToAnActivity(t *testing.T) {
	t.Parallel()
	r := &register{n: 3, refused: 2}
	require.Equal(t, activities.Few{Started: 2, More: true}, few(t, &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 100}))
}

func TestWhatHasARateIsLeftToAnActivity(t *testing.T) {
	t.Parallel()
	r := &register{n: 3, rate: 1}
	require.Equal(t, activities.Few{More: true}, few(t, &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 100}))
	require.Empty(t, r.started)
	capped := activities.Pace{Ceiling: activities.NewCeiling(1)}
	r = &register{n: 3}
	require.Equal(t, activities.Few{More: true}, few(t, &activities.Starts{Register: r, Starter: r, Concurrency: 1, PageSize: 100, Pace: capped}))
	require.Empty(t, r.started)
}
