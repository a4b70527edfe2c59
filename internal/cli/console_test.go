package cli

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

func TestTheConsoleIsServedUntilItIsStopped(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.enrolled(2)
	h.park(1, noEmail(1))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, Options{
			Args: []string{"console", "--listen", "127.0.0.1:0", "-o", "json"}, Stdout: write, Stderr: io.Discard, Dir: h.dir,
			LookupEnv:    func(name string) (string, bool) { value, ok := h.env[name]; return value, ok },
			DialTemporal: func(context.Context, settings.Lookup) (Temporal, error) { return h.temporal, nil },
		})
	}()
	var at struct{ URL string }
	require.NoError(t, json.NewDecoder(read).Decode(&at))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.URL, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	page, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, string(page), "1 contact is in error, for 1 reason")
	listen := strings.TrimPrefix(at.URL, "http://")
	h.ok("console", "--healthcheck", "--listen", listen)
	stop()
	require.Equal(t, exitDone, <-ended)
	h.fails(exitFailed, []string{"the console does not answer"}, "console", "--healthcheck", "--listen", listen)
	h.fails(exitUsage, []string{`--listen is "8080"; expected host:port`}, "console", "--healthcheck", "--listen", "8080")
}

func TestTheConsoleRefusesToBeOpenToAll(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.fails(exitUsage, []string{"a console without a sign-in listens on a loopback address only, not on 0.0.0.0:8080"}, "console", "--listen", "0.0.0.0:8080")
	h.env["RELANCE_CONSOLE_AUTH"] = "oidc"
	h.fails(exitFailed, []string{"RELANCE_CONSOLE_AUTH is oidc, which also needs RELANCE_CONSOLE_OIDC_ISSUER, "}, "console", "--listen", "0.0.0.0:8080")
	h.env["RELANCE_CONSOLE_AUTH"] = "basic"
	h.fails(exitFailed, []string{`RELANCE_CONSOLE_AUTH is "basic"; expected none, proxy or oidc`}, "console")
}
