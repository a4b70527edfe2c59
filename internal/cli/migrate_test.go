package cli

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres/pgtest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.env["DATABASE_URL"] = pgtest.New(t)
	h.fails(exitRefused, []string{"run `starter migrate` first"}, "status")
	h.temporal.prepared = []string{"schedule wake-contacts created (every minute)"}
	out := h.ok("migrate")
	require.Contains(t, out, "database: applied 00001_init.sql\n")
	require.Contains(t, out, "temporal: schedule wake-contacts created (every minute)\n")
	h.temporal.prepared = nil
	require.Equal(t, "database: up to date\ntemporal: up to date\n", h.ok("migrate"))
	require.JSONEq(t, `{"migrations": [], "temporal": []}`, h.ok("migrate", "-o", "json"))
	h.temporal.down = errors.New("Temporal is away")
	h.fails(exitFailed, []string{"Temporal is away"}, "migrate")
	require.Equal(t, "database: up to date\n", h.ok("migrate", "--database-only"))
	h.ok("status")
}

// A restore of some of the tables can leave the counts wrong.
func TestMigrateCountsAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.exec(`INSERT INTO tally VALUES ('q4', 'Active', '', '', 3)`)
	require.Contains(t, h.ok("migrate", "--database-only"), "database: 1 count of starter status corrected\n")
	require.Equal(t, "database: up to date\n", h.ok("migrate", "--database-only"))
}
