package workflows_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"relance/workflows"
)

// Every recorded history must replay on the code as it is now: a running
// enrollment outlives many versions of the worker. The files are named by what
// happened in them; internal/lab/e2e and internal/lab/crash record them, see
// internal/devstack/temporal/histories.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/histories/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files, "no history is recorded")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file), `%s does not replay: enrollments that are running now and came this way would stop at their next task.
Fix the workflow so that it gives these commands again, in this order. What has to be done otherwise from now on goes behind
what the input carries, or behind workflow.GetVersion. Do not record the history anew: the running ones cannot be.`, file)
		})
	}
}
