package crash

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// withMailbox is a campaign whose sender's mailbox is read. Its follow-up is due while nobody reads.
const withMailbox = `
email_accounts:
  - {address: hal@northwind.example, name: Hal, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: hal, password: inbox}, imap: {host: 127.0.0.1, port: READ, tls: none}}
campaigns:
  - {key: heard, name: Heard, owner: maya, sender: hal@northwind.example, steps: [{id: intro, email: {subject: S, body: B}}, {wait: 5s}, {id: follow-up, email: {subject: S, body: B}}]}
`

// A reader dies at each statement of the transaction that keeps a reply, on both sides of its commit, and before its
// look is complete. The next reader keeps the reply once, it ends the enrollment once, and the follow-up, which has been
// due meanwhile, does not leave (law 9).
func TestAReaderIsKilled(t *testing.T) {
	t.Parallel()
	const waits, ended = "sent by claim 1; Waiting; 4 credits", "sent by claim 1; Disenrolled; 4 credits"
	for at, died := range map[string]string{
		heardLock: waits, heardRow: waits, heardEnd: waits, heardOutbox: waits, heardCursor: waits, heard + before: waits,
		heard + after: ended, lookIsOver: ended,
	} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, "")
			s.feed(strings.NewReplacer("PORT", s.inboxPort(), "READ", strconv.Itoa(s.inbox.IMAPPort())).Replace(withMailbox), "apply", "-f", "-")
			s.doomed = s.worker(at)
			s.enroll("heard", "reply@contoso.example")
			s.doomed.isKilled(t)
			require.Equal(t, died, s.state(), "right after the death")
			require.Equal(t, map[string]string{waits: "0", ended: "1"}[died], s.ask(`SELECT count(*)::text FROM inbound WHERE kind = 'reply'`), "the reply right after the death") // Sent may be read before or after

			s.plainWorker()
			s.comesTo(s.state, ended)
			require.Equal(t, []string{"reply@contoso.example"}, s.accepted(), "no follow-up")
			require.Equal(t, "own settled, reply settled", s.ask(`SELECT string_agg(kind || ' ' || state, ', ' ORDER BY kind) FROM inbound`), "each is kept once")
			require.Equal(t, "replied", s.ask(`SELECT ended_by FROM enrollments`))
			require.Equal(t, "1", s.ask(`SELECT count(*)::text FROM outbox WHERE kind = 'stop'`))
			require.Equal(t, "1", s.ask(`SELECT count(*)::text FROM notes WHERE kind = 'disenrolled'`))
		})
	}
}

// longCampaign is a campaign of an email and a STEP.
const longCampaign = `
campaigns:
  - {key: long, name: Long, owner: maya, sender: maya@northwind.example, steps: [{id: intro, email: {subject: S, body: B}}, STEP]}
`

// A command dies in the middle of an edit, and when it is committed and nothing has been signalled: either nothing has been
// edited, or the contact, who waits for a step that is gone, goes on with the one that has come (laws 2 and 3).
func TestAnApplyIsKilled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"campaign_versions", "outbox", triggerWake} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			s := setStageAtOnce(t, "") // it takes up to a minute until the schedule comes by
			s.feed(strings.Replace(longCampaign, "STEP", "{wait: 2h}, {id: more, email: {subject: S, body: B}}", 1), "apply", "-f", "-")
			s.plainWorker()
			s.enroll("long", "ada@contoso.example")
			s.comesTo(s.state, "sent by claim 1; Waiting; 4 credits")

			file := filepath.Join(s.dir, "edited.yaml")
			require.NoError(t, os.WriteFile(file, []byte(strings.Replace(longCampaign, "STEP", "{id: other, email: {subject: S, body: B}}", 1)), 0o600))
			edited := []string{"apply", "-f", file}
			if at == triggerWake {
				s.launch(s.env, starterRole, at, syscall.SIGKILL, edited...).isKilled(t)
				require.Equal(t, "2", s.ask(`SELECT version::text FROM campaigns WHERE key = 'long'`), "the edit is committed")
			} else {
				s.killedBefore(at, edited...)
				require.Equal(t, "1", s.ask(`SELECT version::text FROM campaigns WHERE key = 'long'`), "nothing is edited")
				require.Equal(t, "0", s.ask(`SELECT count(*)::text FROM outbox WHERE kind = 'edit'`))
				require.Equal(t, "sent by claim 1; Waiting; 4 credits", s.state())
				s.starter(edited...)
			}
			s.comesTo(s.state, "sent by claim 1, sent by claim 1; Completed; 3 credits")
			require.Len(t, s.accepted(), 2)
			require.Equal(t, "intro, other", s.ask(`SELECT string_agg(step_id, ', ' ORDER BY step_id) FROM deliveries`))
		})
	}
}

// killedBefore kills a command where it comes to write into a table.
func (s *stage) killedBefore(table string, args ...string) {
	s.t.Helper()
	tx, err := s.db.Begin(s.t.Context())
	require.NoError(s.t, err)
	_, err = tx.Exec(s.t.Context(), "LOCK TABLE "+table+" IN SHARE ROW EXCLUSIVE MODE")
	require.NoError(s.t, err)
	command := s.launch(s.env, starterRole, "", syscall.SIGKILL, args...)
	require.Eventually(s.t, func() bool {
		return s.ask(`SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO `+table+` %'`) == "1"
	}, patience, tick, "the command comes to %s", table)
	command.kill()
	require.NoError(s.t, tx.Rollback(s.t.Context()))
	require.Eventually(s.t, func() bool {
		return s.ask(`SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`) == "0"
	}, patience, 10*time.Millisecond, "PostgreSQL has missed it")
}
