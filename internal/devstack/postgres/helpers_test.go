package postgres_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres"
)

// stateDir is a directory that root's PostgreSQL user can reach, under a short
// name of which the tests know nothing else.
func stateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "relance-postgres-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func start(t *testing.T, o postgres.Options) *postgres.Server {
	t.Helper()
	o.FastUnsafe = true
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := postgres.Start(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return server
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	_, err := conn.Exec(context.Background(), statement)
	require.NoError(t, err, statement)
}

func count(t *testing.T, conn *pgx.Conn, table string) (n int) {
	t.Helper()
	require.NoError(t, conn.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// dataDir asks the server, because the data may be in the fallback place.
func dataDir(t *testing.T, server *postgres.Server) string {
	t.Helper()
	var dir string
	conn := connect(t, server.URL(""))
	require.NoError(t, conn.QueryRow(context.Background(), "SHOW data_directory").Scan(&dir))
	return filepath.Clean(dir)
}
