package crash

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/store"
)

// A contact has completed a campaign and is enrolled again, and its worker dies in the second
// round: what the first has sent neither keeps the second from sending nor is taken for it,
// and a doubt is this round's alone (laws 1 and 4).
func TestAWorkerIsKilledInASecondRound(t *testing.T) {
	t.Parallel()
	const once, doubt = "sent by claim 1, ", "uncertain by claim 1; InError DeliveryUncertain, park 1; 3 credits"
	for _, r := range []struct {
		at, died, ends string
		mails          int // in both rounds, before an operator does anything
	}{
		{at: claim + before, died: "sent by claim 1; Active; 4 credits", ends: once + "sent by claim 1; Completed; 3 credits", mails: 2},
		{at: claim + after, died: once + "reserved by claim 1; Active; 3 credits", ends: once + "sent by claim 2; Completed; 3 credits", mails: 2},
		{at: gate + before, died: once + "reserved by claim 1; Active; 3 credits", ends: once + "sent by claim 2; Completed; 3 credits", mails: 2},
		{at: gate + after, died: once + "wire by claim 1; Active; 3 credits", ends: once + doubt, mails: 1},
		{at: sent + before, died: once + "wire by claim 1; Active; 3 credits", ends: once + doubt, mails: 2},
		{at: sent + after, died: once + "sent by claim 1; Completed; 3 credits", ends: once + "sent by claim 1; Completed; 3 credits", mails: 2},
	} {
		t.Run(r.at, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, "")
			first := s.built("")
			s.enroll("mail", "ada@contoso.example")
			s.comesTo(s.state, "sent by claim 1; Completed; 4 credits")
			first.kill()

			s.doomed = s.worker(r.at)
			s.starter("enroll", "mail", "--again", "--all", "--yes", "--wait=false")
			s.doomed.isKilled(t)
			require.Equal(t, r.died, s.state(), "right after the death")
			s.plainWorker()
			s.comesTo(s.state, r.ends)
			require.Len(t, s.accepted(), r.mails)
			if strings.Contains(r.ends, "uncertain") {
				answer := map[int]string{1: "not-sent", 2: "sent"}[r.mails]
				s.starter("resume", s.ids(), "--assume", answer)
				s.comesTo(func() string { return s.ask(`SELECT status FROM enrollments`) }, "Completed")
				require.Len(t, s.accepted(), 2, "one in each round")
			}
		})
	}
}

// The command dies between its commit and the first start: the round is begun all the same (law 2).
func TestAnEnrollAgainIsKilled(t *testing.T) {
	t.Parallel()
	s := setStageAtOnce(t, "")
	s.plainWorker()
	s.enroll("mail", "ada@contoso.example")
	s.comesTo(s.state, "sent by claim 1; Completed; 4 credits")
	s.launch(s.env, starterRole, startEnrolled, syscall.SIGKILL, "enroll", "mail", "--again", "--all", "--yes").isKilled(t)
	s.comesTo(s.state, "sent by claim 1, sent by claim 1; Completed; 3 credits")
	require.Len(t, s.accepted(), 2)
}

// A worker dies when PostgreSQL has the end of a round and Temporal does not: what the next one
// writes down once more, after the contact was enrolled again, ends nothing of this round (law 2).
func TestTheEndOfARoundIsWrittenTwice(t *testing.T) {
	t.Parallel()
	s := setStageAtOnce(t, "") // the record is missed after a minute
	s.doomed = s.worker(disenroll + after)
	left(s)
	s.doomed.isKilled(t)
	require.Equal(t, "unclaimed; Disenrolled; 5 credits", s.state())
	_, err := s.db.Exec(t.Context(), `UPDATE outbox SET done_at = now() WHERE kind = 'disenroll'`) // if its drain had not come to that before it died
	require.NoError(t, err)
	s.starter("campaign", "set-sender", "unsent", "maya@northwind.example")
	s.starter("enroll", "unsent", "--again", "--all", "--yes", "--wait=false")
	require.Equal(t, "unclaimed; Active; 5 credits", s.state())
	s.plainWorker()
	s.comesTo(s.state, "sent by claim 1; Completed; 4 credits")
	require.Len(t, s.accepted(), 1)
	require.Equal(t, "1", s.ask(`SELECT count(*)::text FROM notes WHERE kind = 'disenrolled'`))
}

// The workflow of the round before waits for a signal that was lost, and holds the start of this one up: a
// reconciliation ends it, and nothing of this round.
func TestAReconciliationLetsARoundBegin(t *testing.T) {
	t.Parallel()
	s := setStageAtOnce(t, "")
	s.plainWorker()
	withoutSender(s)
	s.comesTo(s.state, "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits")
	db, err := store.Open(t.Context(), s.env["DATABASE_URL"], nil)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	_, err = db.Disenroll(t.Context(), 1, 1, "asked to", "tess") // and a backup of Temporal that is older was restored
	require.NoError(t, err)
	s.starter("campaign", "set-sender", "unsent", "maya@northwind.example")
	s.starter("enroll", "unsent", "--again", "--all", "--yes", "--wait=false")
	const waits = "unclaimed; Active; 5 credits"
	require.Equal(t, waits, s.state())
	code, stdout, _ := s.try("", "reconcile", "--campaign", "unsent", "--contact", s.ids())
	require.Equal(t, 1, code, "they differ")
	require.Contains(t, stdout, "enrolled again, not started")
	require.Equal(t, waits, s.state(), "its start is held up")
	s.starter("reconcile", "--apply", "--campaign", "unsent", "--contact", s.ids())
	s.comesTo(s.state, "sent by claim 1; Completed; 4 credits")
	require.Len(t, s.accepted(), 1)
}
