package recovery

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// quick is the workspace with a campaign that waits for this long between its emails.
func quick(wait string) string {
	return workspace + `
  - key: quick
    name: Quick
    owner: maya
    sender: maya@northwind.example
    steps:
      - {id: hello, email: {subject: Hello, body: B}}
      - wait: ` + wait + `
      - {id: again, email: {reply_to: hello, body: B}}
`
}

// Temporal is lost and comes back from an older backup; PostgreSQL is whole.
// Workflows that PostgreSQL has left behind are brought to its place; those that
// find it by themselves are left alone; nobody is mailed twice.
func TestTemporalIsRestoredFromAnOlderBackup(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{})
	s.apply(quick("30s"))
	name := func(n string) int64 { return s.contact(n, strings.ToLower(n)+"@t.example") }
	parked, moved, unheard := s.contact("Pip", ""), s.contact("Mo", ""), s.contact("Una", "")
	waiting, left, paused, passing, late := name("Wanda"), name("Lea"), name("Pat"), name("Pia"), name("Nia")
	s.run("campaign", "pause", "held")
	s.enroll("short", parked, unheard)
	s.enroll("long", moved, waiting, left)
	s.enroll("held", paused)
	s.startWorker()
	for _, id := range []int64{parked, unheard} {
		s.eventually("short", id, "InError/one/ContactHasNoEmail/1")
	}
	s.eventually("long", moved, "InError/hello/ContactHasNoEmail/1")
	s.eventually("held", paused, "Paused/one")
	s.eventually("long", waiting, "Waiting/wait-2")
	s.eventually("long", left, "Waiting/wait-2")
	s.enroll("quick", passing)
	s.eventually("quick", passing, "Waiting/wait-2")
	s.stopWorker()
	s.stopTemporal()
	s.backUp(executions, visibility)

	s.startTemporal()
	s.startWorker()
	s.apply(quick("1s")) // the backup has it wait for the rest of its 30 s
	s.run("contacts", "set", fmt.Sprint(parked), "--email", "pip@t.example")
	s.run("contacts", "set", fmt.Sprint(moved), "--email", "mo@t.example")
	s.run("disenroll", fmt.Sprint(left))
	s.run("campaign", "unpause", "held")
	s.enroll("long", late)
	s.eventually("short", parked, "Completed")
	s.eventually("long", moved, "Waiting/wait-2")
	s.eventually("long", left, "Disenrolled")
	s.eventually("held", paused, "Completed")
	s.eventually("long", late, "Waiting/wait-2")
	s.eventually("quick", passing, "Completed")
	s.stopWorker()
	s.run("contacts", "set", fmt.Sprint(unheard), "--email", "una@t.example")
	one[int](s, `WITH signalled AS (UPDATE outbox SET done_at = now() WHERE done_at IS NULL RETURNING 1) SELECT count(*)::int FROM signalled`) // and was lost with Temporal
	s.stopTemporal()
	s.restore(executions, visibility)
	s.startTemporal()

	s.reconcile(map[string]int{"ahead": 3, "missing": 1, "ended": 1, "unheard": 1})
	r := s.agrees()
	s.startWorker()
	s.eventually("short", unheard, "Completed")
	s.findsInTemporal(`ExecutionStatus = "Running" AND WorkflowType = "Enrollment"`, 3)  // the three that wait
	s.findsInTemporal(`EnrollmentStatus = "InError" AND ExecutionStatus = "Running"`, 0) // the old runs stay listed as terminated
	s.agrees()
	require.Zero(t, r.Left)
	for address, mails := range map[string]int{
		"pip@": 1, "mo@": 1, "una@": 1, "wanda@": 1, "lea@": 1, "pat@": 1, "pia@": 2, "nia@": 1,
	} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
}

// Both are lost and come back from backups: neither knows what left
// since then, so every message that may have left is uncertain, and a person
// answers for it.
func TestBothAreRestored(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{})
	gone, stayed, waiting := s.contact("Gus", ""), s.contact("Stan", ""), s.contact("Wanda", "wanda@t.example")
	s.enroll("short", gone, stayed)
	s.enroll("long", waiting)
	s.startWorker()
	for _, id := range []int64{gone, stayed} {
		s.eventually("short", id, "InError/one/ContactHasNoEmail/1")
	}
	s.eventually("long", waiting, "Waiting/wait-2")
	s.stopWorker()
	s.stopTemporal()
	moment := s.backUp(product, executions, visibility)

	s.startTemporal()
	s.startWorker()
	s.run("contacts", "set", fmt.Sprint(gone), "--email", "gus@t.example")
	s.eventually("short", gone, "Completed")
	s.stopWorker()
	s.stopTemporal()
	s.restore(product, executions, visibility)
	s.startTemporal()

	s.agrees() // they are of one moment, and know nothing of what came after it
	flags := []string{"--restored-from", moment, "--temporal-restored-from", moment}
	s.reconcile(map[string]int{"doubt": 2}, flags...)
	s.agrees(flags...)
	s.startWorker()
	for id, email := range map[int64]string{gone: "gus@t.example", stayed: "stan@t.example"} {
		s.run("contacts", "set", fmt.Sprint(id), "--email", email)
		s.eventually("short", id, "InError/one/DeliveryUncertain/2")
	}
	s.run("resume", fmt.Sprint(gone), "--assume", "sent")
	s.run("resume", fmt.Sprint(stayed), "--assume", "not-sent")
	s.eventually("short", gone, "Completed")
	s.eventually("short", stayed, "Completed")
	require.Equal(t, "Waiting/wait-2", s.position("long", waiting))
	for address, mails := range map[string]int{"gus@": 1, "stan@": 1, "wanda@": 1} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
}
