package crash

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// pacedGap is the gap of pat's account.
const pacedGap = 3 * time.Second

// The giver of turns dies between its commit and its signal, and between its signal and its
// note. The next giver signals the turn: nobody waits for ever (laws 2 and 3), nobody is mailed
// twice (law 1), and no two mails leave closer than the gap (law 8).
func TestAGiverIsKilled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{grantedTurn, signalledTurn} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := setStageAtOnce(t, "") // the giver is missed by its heartbeat
			s.doomed = s.worker(at)
			s.enroll("paced", "ada@contoso.example", "bob@contoso.example", "cleo@contoso.example")
			s.doomed.isKilled(t)
			require.Equal(t, "1", s.ask(`SELECT count(*)::text FROM line WHERE turn > 0 AND signalled_at IS NULL`), "a turn that nobody has noted as signalled")
			s.plainWorker()
			s.allThrough()
			s.keepsItsPace()
			require.Equal(t, "0", s.ask(`SELECT count(*)::text FROM line`), "nobody stands in line")
		})
	}
}

// keepsItsPace is law 8 by the moments of the gates. The inbox, which writes a mail down some time
// after its own, says that there was no other.
func (s *stage) keepsItsPace() {
	s.t.Helper()
	rows, err := s.db.Query(s.t.Context(), `SELECT wire_at FROM deliveries WHERE wire_at IS NOT NULL ORDER BY wire_at`)
	require.NoError(s.t, err)
	gates, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	require.NoError(s.t, err)
	require.Len(s.t, gates, len(s.accepted()), "every mail has passed its gate")
	for i := 1; i < len(gates); i++ {
		require.GreaterOrEqual(s.t, gates[i].Sub(gates[i-1]), pacedGap, "law 8: mail %d left too soon after the last", i+1)
	}
}
