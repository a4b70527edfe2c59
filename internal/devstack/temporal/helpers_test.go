package temporal_test

import (
	"io"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
)

// stateDir is a directory that root's PostgreSQL user can reach.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "relance-temporal-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func listRequest(query string) *workflowservice.ListWorkflowExecutionsRequest {
	return &workflowservice.ListWorkflowExecutionsRequest{Namespace: "default", Query: query}
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

// warnings shows what the server complains about in a verbose run.
func warnings() io.Writer {
	if testing.Verbose() {
		return os.Stderr
	}
	return io.Discard
}
