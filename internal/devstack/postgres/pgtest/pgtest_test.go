package pgtest_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestNewGivesEachTestItsOwnDatabase(t *testing.T) {
	t.Parallel()
	one, other := pgtest.New(t), pgtest.New(t)
	require.NotEqual(t, one, other)
	for _, database := range []string{one, other} {
		conn, err := pgx.Connect(context.Background(), database)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		_, err = conn.Exec(context.Background(), "CREATE TABLE same_name (id int)")
		require.NoError(t, err, "a fresh database must be empty")
	}
}
