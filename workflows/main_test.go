package workflows_test

import (
	"os"
	"testing"

	"go.temporal.io/sdk/worker"

	"relance/workflows"
)

// The tests are a build that does first tries.
func TestMain(m *testing.M) {
	worker.SetBinaryChecksum("test" + workflows.FirstTryBuild)
	os.Exit(m.Run())
}
