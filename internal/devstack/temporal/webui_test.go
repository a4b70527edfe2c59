package temporal_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/temporal"
	"relance/internal/devstack/webui"
)

// showsInWebUI asks the Web UI what its list page would ask.
func showsInWebUI(t *testing.T, server *temporal.Server, workflowID string) {
	t.Helper()
	ui, err := webui.Start(t.Context(), webui.Options{TemporalAddress: server.Address()})
	require.NoError(t, err)
	defer ui.Stop()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ui.URL()+"/api/v1/namespaces/default/workflows", nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var list struct {
		Executions []struct {
			Execution struct{ WorkflowID string }
		}
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&list))
	require.Len(t, list.Executions, 1)
	require.Equal(t, workflowID, list.Executions[0].Execution.WorkflowID)
}
