package postgres_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
	"relance/internal/devstack/postgres"
)

func TestStateSurvivesStopAndStart(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	first := start(t, postgres.Options{Dir: dir})
	exec(t, connect(t, first.URL("")), "CREATE TABLE kept AS SELECT 1 AS id")
	require.NoError(t, first.Stop(context.Background()))
	require.NoError(t, first.Stop(context.Background()), "Stop may be called twice")

	second := start(t, postgres.Options{Dir: dir})
	require.Equal(t, 1, count(t, connect(t, second.URL("")), "kept"))
}

func TestCreateDatabaseTwiceIsFine(t *testing.T) {
	t.Parallel()
	server := start(t, postgres.Options{Dir: stateDir(t), User: "maya", Password: "p@ss/word", Database: "own"})
	for range 2 {
		require.NoError(t, server.CreateDatabase(context.Background(), "temporal-visibility"))
	}
	conn := connect(t, server.URL("temporal-visibility"))
	require.Equal(t, "maya", conn.Config().User)
	var lowered string
	require.NoError(t, conn.QueryRow(context.Background(), "SELECT lower('É')").Scan(&lowered))
	require.Equal(t, "é", lowered, "searches need a locale that knows letters beyond ASCII")
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	server := start(t, postgres.Options{Dir: dir, Password: "right"})
	config, err := pgx.ParseConfig(server.URL(""))
	require.NoError(t, err)
	config.Password = "wrong"
	_, err = pgx.ConnectConfig(context.Background(), config)
	require.ErrorContains(t, err, "password authentication failed")

	require.NoError(t, server.Stop(context.Background()))
	_, err = postgres.Start(context.Background(), postgres.Options{Dir: dir, Password: "other"})
	require.ErrorContains(t, err, "made with another password")
}

func TestASecondOwnerOfTheDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	server := start(t, postgres.Options{Dir: dir})
	_, err := postgres.Start(context.Background(), postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "another process is already using "+dir)
	connect(t, server.URL("")) // and the first one still serves
}

func TestATakenPortIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := port.Listen(context.Background(), "", 0)
	require.NoError(t, err)
	defer listener.Close()

	_, err = postgres.Start(context.Background(), postgres.Options{Dir: stateDir(t), Port: listener.Addr().(*net.TCPAddr).Port})

	var taken *port.Taken
	require.ErrorAs(t, err, &taken)
	require.ErrorContains(t, err, "--postgres-port")
}

func TestAHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	half := filepath.Join(dir, "init-123", "data")
	require.NoError(t, os.MkdirAll(half, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))

	start(t, postgres.Options{Dir: dir})

	require.NoDirExists(t, half)
}

func TestRootsDirectoryThatPostgresCannotReachFallsBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root needs another user for PostgreSQL")
	}
	t.Parallel()
	closed, err := os.MkdirTemp("", "relance-closed-") // 0700
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(closed) })
	dir := filepath.Join(closed, "state")

	server := start(t, postgres.Options{Dir: dir})
	exec(t, connect(t, server.URL("")), "CREATE TABLE kept AS SELECT 1 AS id")
	home := filepath.Dir(dataDir(t, server))
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	require.Contains(t, home, "/var/tmp/relance-")
	note, err := os.ReadFile(filepath.Join(dir, postgres.LocationFile))
	require.NoError(t, err)
	require.Contains(t, string(note), home)

	require.NoError(t, server.Stop(context.Background()))
	again := start(t, postgres.Options{Dir: dir})
	require.Equal(t, 1, count(t, connect(t, again.URL("")), "kept"))
	require.NoError(t, again.Stop(context.Background()))
}

func TestStartSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	start(t, postgres.Options{Dir: stateDir(t), Log: &log})
	require.Contains(t, log.String(), "making a PostgreSQL")
}
