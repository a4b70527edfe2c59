package crash

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/server/common/dynamicconfig"

	"relance/internal/devstack/postgres/pgtest"
	"relance/internal/devstack/temporal"
	"relance/internal/engine"
	"relance/internal/settings"
)

// servers are shared by all rows: one PostgreSQL and one Temporal. A row has a
// database and a namespace of its own.
var servers struct {
	once     sync.Once
	err      error
	temporal *temporal.Server
}

// run keeps the namespaces of this process apart from those of another.
var run = strings.ToLower(rand.Text()[:8])

// shortHistories is the namespace whose histories count as long after a few events.
var shortHistories = "short-histories-" + run

// longAt is how many events are many in that namespace.
const longAt = 24

func temporalServer(t *testing.T) *temporal.Server {
	t.Helper()
	servers.once.Do(func() {
		servers.err = errors.New("PostgreSQL did not come up") // unless it does
		home := pgtest.New(t)
		servers.temporal, servers.err = temporal.Start(context.Background(), temporal.Options{
			DatabaseURL: func(database string) string { return withDatabase(home, database) },
			Namespace:   "default-" + run, Log: serverLog(),
			DynamicConfig: map[string]any{
				"limit.historyCount.suggestContinueAsNew": []dynamicconfig.ConstrainedValue{
					{Constraints: dynamicconfig.Constraints{Namespace: shortHistories}, Value: longAt}, {Value: 4096},
				},
			},
		})
	})
	require.NoError(t, servers.err)
	return servers.temporal
}

func stopServers() {
	if servers.temporal != nil {
		servers.temporal.Stop()
	}
	// PostgreSQL goes with this process, see pgtest.
}

// serverLog shows the server's complaints when that is asked for: rows that
// are over leave it many.
func serverLog() io.Writer {
	if os.Getenv("RELANCE_CRASH_LOG") != "" {
		return os.Stderr
	}
	return io.Discard
}

// database makes a database with the product's schema for one row. Two
// connections at a time are enough for each of its clients.
func database(t *testing.T) string {
	t.Helper()
	own := pgtest.NewFrom(t, "crash", func(url string) error {
		return engine.Migrate(context.Background(), settings.Settings{DatabaseURL: url})
	})
	parsed, err := url.Parse(own)
	require.NoError(t, err)
	query := parsed.Query()
	query.Set("pool_max_conns", "4")
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

func withDatabase(text, name string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return text // the client that connects to it says what is wrong
	}
	parsed.Path = "/" + name
	return parsed.String()
}
