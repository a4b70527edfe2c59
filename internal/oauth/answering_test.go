package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/oauth"
	"relance/internal/settings"
)

// answering is a token server that answers everything with this status and text.
func answering(t *testing.T, answer string) oauth.Provider {
	t.Helper()
	status, text, _ := strings.Cut(answer, " ")
	code, err := strconv.Atoi(status)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		if r.URL.Path == "/elsewhere" {
			t.Error("a token is sent to the provider's own address alone")
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	provider, ok := oauth.New(oauth.Dev, settings.OAuth{DevURL: server.URL})
	require.True(t, ok)
	return provider
}
