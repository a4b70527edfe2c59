package crash

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// pacedGap is the gap of pat's account. The inbox writes a message down some time after its
// gate: pacedSlack is how much more the one before it may have taken for that.
const (
	pacedGap   = 3 * time.Second
	pacedSlack = time.Second
)

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

// keepsItsPace is law 8 by the inbox's log alone.
func (s *stage) keepsItsPace() {
	s.t.Helper()
	var last time.Time
	for _, mail := range entries[inbox.Entry](s, "inbox") {
		require.GreaterOrEqual(s.t, mail.Time.Sub(last), pacedGap-pacedSlack, "law 8: %s was mailed too soon after the last", mail.To)
		last = mail.Time
	}
}
