package webui_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
	"relance/internal/devstack/webui"
)

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode, url)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func TestItServesPagesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	// Pages are served without a Temporal server behind them.
	ui, err := webui.Start(t.Context(), webui.Options{TemporalAddress: "127.0.0.1:1", Namespace: "sales"})
	require.NoError(t, err)
	t.Cleanup(ui.Stop)

	require.Contains(t, get(t, ui.URL()+"/namespaces/sales/workflows"), "<html")
	var settings struct{ DefaultNamespace string }
	require.NoError(t, json.Unmarshal([]byte(get(t, ui.URL()+"/api/v1/settings")), &settings))
	require.Equal(t, "sales", settings.DefaultNamespace)

	_, err = webui.Start(t.Context(), webui.Options{Port: ui.Port()})
	require.ErrorContains(t, err, "choose another with --ui-port")
	ui.Stop()
	ui.Stop() // may be called twice
	require.NoError(t, port.Check("", ui.Port()))
}
