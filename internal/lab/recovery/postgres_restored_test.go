package recovery

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// older is a workspace whose long campaign has got to its second wait by the
// time of the loss.
var older = strings.Replace(workspace, "- {id: again, email: {reply_to: hello, body: B}}",
	"- {id: again, email: {reply_to: hello, body: B}}\n      - wait: 3d\n      - {id: last, email: {reply_to: hello, body: B}}", 1) + `
  - {key: login, name: Login, owner: maya, sender: maya@northwind.example, steps: [{id: one, email: {subject: One, body: B}}]}
`

// stuck holds the inbox's answer to everyone at stuck.example, until the worker is gone.
func stuck(to []string, _ []byte) *inbox.Reply {
	if strings.HasSuffix(to[0], "@stuck.example") {
		return &inbox.Reply{Accept: true, Delay: time.Hour}
	}
	return nil
}

// PostgreSQL is lost and comes back from an older backup; Temporal is whole.
// What left after the backup is not sent again, contacts that parked or were paused
// after it are listed and go on, and a message that was under way at the loss is
// uncertain.
func TestPostgresIsRestoredFromAnOlderBackup(t *testing.T) {
	t.Parallel()
	var refuses atomic.Bool
	s := start(t, inbox.Options{OnData: stuck, OnMail: func(string) *inbox.Reply {
		if refuses.Load() {
			return &inbox.Reply{Code: 535, Enhanced: "5.7.8", Text: "Username and password not accepted"}
		}
		return nil
	}})
	s.applyWithWait(older, "1s")
	name := func(n string) int64 { return s.contact(n, strings.ToLower(n)+"@t.example") }
	fixed, moved := s.contact("Fia", ""), s.contact("Mo", "")
	left, paused, login, late := name("Lea"), name("Pat"), name("Lou"), name("Nia")
	doubted, bounced, flying := s.contact("Dora", "drop+dora@t.example"), s.contact("Bob", "bounce@t.example"), s.contact("Sky", "sky@stuck.example")
	s.run("campaign", "pause", "short") // holds the contacts that must not go on before the backup
	s.run("campaign", "pause", "long")
	s.enroll("short", fixed, doubted, bounced, flying)
	s.enroll("long", moved, left)
	s.startWorker()
	for _, id := range []int64{fixed, doubted, bounced, flying} {
		s.eventually("short", id, "Paused/one")
	}
	s.eventually("long", moved, "Paused/hello")
	s.eventually("long", left, "Paused/hello")
	s.stopWorker()
	moment := s.backUp(product)

	s.startWorker()
	s.run("campaign", "unpause", "long")
	s.eventually("long", moved, "InError/hello/ContactHasNoEmail/1")
	s.run("contacts", "set", fmt.Sprint(moved), "--email", "mo@t.example")
	s.eventually("long", moved, "Waiting/wait-4")
	s.eventually("long", left, "Waiting/wait-4")
	s.run("disenroll", fmt.Sprint(left))
	s.eventually("long", left, "Disenrolled")
	s.run("campaign", "unpause", "short")
	s.eventually("short", fixed, "InError/one/ContactHasNoEmail/1")
	s.run("contacts", "set", fmt.Sprint(fixed), "--email", "fia@t.example")
	s.eventually("short", fixed, "Completed")
	s.eventually("short", doubted, "InError/one/DeliveryUncertain/1")
	s.eventually("short", bounced, "InError/one/EmailAlreadyBounced/1")
	s.enroll("held", late)
	s.eventually("held", late, "Completed")
	s.run("campaign", "pause", "held")
	s.enroll("held", paused)
	s.eventually("held", paused, "Paused/one")
	refuses.Store(true)
	s.enroll("login", login)
	s.eventually("login", login, "InError/one/EmailAccountInError/1")
	refuses.Store(false)
	ghost := name("Ghost") // imported after the backup
	s.enroll("held", ghost)
	s.eventually("held", ghost, "Paused/one")
	s.await("Sky's mail is in the inbox", func() bool { return s.inboxTo("sky@stuck.example") == 1 })

	s.drop(product) // with a message on the wire
	s.stopWorker()
	s.restore(product)
	kinds := map[string]int{"numbers": 1, "doubt": 1, "behind": 3, "parked": 2, "unknown": 4}
	found, code := s.look("--restored-from", moment)
	require.Equal(t, 1, code)
	require.Equal(t, kinds, found.ByKind)
	found, code = s.look("--restored-from", moment, "--apply")
	require.Equal(t, 1, code, "one is left")
	require.Equal(t, kinds, found.ByKind)
	require.Equal(t, 1, found.Left)
	for _, one := range found.Differences {
		if !one.Mended {
			require.Equal(t, ghost, one.ContactID)
			require.Contains(t, one.Left, "the contact is not in PostgreSQL")
		}
	}
	found, _ = s.look("--restored-from", moment, "--apply")
	require.Equal(t, map[string]int{"unknown": 1}, found.ByKind, "the second call finds what it cannot repair, and nothing else: %+v", found.Differences)

	require.Equal(t, "InError/one/DeliveryUncertain/1", s.position("short", doubted))
	require.Equal(t, "InError/one/EmailAlreadyBounced/1", s.position("short", bounced))
	require.Equal(t, "Completed/one/1", s.position("short", fixed))
	require.Equal(t, "Waiting/wait-4/1", s.position("long", moved))
	require.Equal(t, "Disenrolled", s.position("long", left)[:11])
	require.Equal(t, "Paused/one", s.position("held", paused))
	require.Equal(t, "Completed/one", s.position("held", late))
	require.Equal(t, "InError/one/EmailAccountInError/1", s.position("login", login))
	require.Equal(t, 2, one[int](s, `SELECT count(*) FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id
		WHERE e.campaign = 'long' AND e.contact_id = $1 AND d.state = 'sent' AND d.message_id <> '' AND d.assumed_by = 'reconcile'`, moved),
		"the history of the workflow has kept the Message-IDs, which threads need")

	s.startWorker()
	s.run("campaign", "unpause", "short") // as the backup has it, short and long are paused
	s.run("campaign", "unpause", "long")
	s.eventually("short", flying, "InError/one/DeliveryUncertain")
	s.eventually("held", paused, "Completed")
	s.eventually("login", login, "Completed")
	require.Equal(t, "InError/one/EmailAlreadyBounced/1", s.position("short", bounced), "what has bounced is not tried again by the machine")
	s.run("contacts", "set", fmt.Sprint(bounced), "--email", "bob@t.example")
	s.eventually("short", bounced, "Completed")
	s.run("resume", "--all", "--code", "DeliveryUncertain", "--assume", "sent")
	s.eventually("short", flying, "Completed")
	s.eventually("short", doubted, "Completed")
	stranger := name("Stranger") // a contact that is imported now is not taken for the one that was lost
	require.Greater(t, stranger, ghost)
	s.enroll("login", stranger)
	s.eventually("login", stranger, "Completed")
	s.run("enroll", "held", "--contacts", fmt.Sprint(late))
	s.signalDisenroll("held", ghost)
	s.agreesEventually()
	for address, mails := range map[string]int{
		"fia@": 1, "mo@": 2, "lea@": 2, "pat@": 1, "lou@": 1, "nia@": 1, "drop+dora@": 1, "bounce@": 0, "bob@": 1, "sky@": 1, "ghost@": 0, "stranger@": 1,
	} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
}
