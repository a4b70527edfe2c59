package recovery

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// cast is one contact in every situation that an enrollment can be in.
type cast struct {
	waiting, parked, doubted, bounced, paused, done, left int64
}

// play enrolls them and waits until each is where it should be.
func (s *system) play() cast {
	s.t.Helper()
	var c cast
	c.waiting, c.parked, c.doubted = s.contact("Wanda", "wanda@t.example"), s.contact("Pip", ""), s.contact("Dora", "drop+dora@t.example")
	c.bounced, c.paused, c.done = s.contact("Bob", "bounce@t.example"), s.contact("Paula", "paula@t.example"), s.contact("Don", "don@t.example")
	c.left = s.contact("Lea", "lea@t.example")
	s.run("campaign", "pause", "held")
	s.enroll("short", c.parked, c.doubted, c.bounced, c.done)
	s.enroll("long", c.waiting, c.left)
	s.enroll("held", c.paused)
	s.startWorker()
	s.eventually("short", c.parked, "InError/one/ContactHasNoEmail/1")
	s.eventually("short", c.doubted, "InError/one/DeliveryUncertain/1")
	s.eventually("short", c.bounced, "InError/one/EmailAlreadyBounced/1")
	s.eventually("short", c.done, "Completed")
	s.eventually("long", c.waiting, "Waiting")
	s.eventually("held", c.paused, "Paused/one")
	s.eventually("long", c.left, "Waiting")
	s.run("disenroll", fmt.Sprint(c.left))
	s.eventually("long", c.left, "Disenrolled")
	return c
}

// Temporal is lost with everything in it; PostgreSQL is whole. Every enrollment
// that has not ended gets its workflow back, where it was, and nobody is mailed
// twice.
func TestTemporalIsLost(t *testing.T) {
	t.Parallel()
	s := start(t, inbox.Options{})
	c := s.play()
	s.stopWorker()
	s.stopTemporal()
	s.dropTemporal()
	s.startTemporal()

	code, _, stderr := s.try("", "reconcile", "--apply")
	require.Equal(t, 4, code)
	require.Contains(t, stderr, "starter migrate")
	s.run("migrate")
	found, code := s.look()
	require.Equal(t, 1, code, "differences are left")
	require.Equal(t, map[string]int{"missing": 5}, found.ByKind)
	nextAt := one[time.Time](s, `SELECT next_at FROM enrollments WHERE contact_id = $1`, c.waiting)
	s.reconcile(map[string]int{"missing": 5})
	s.agrees()
	s.startWorker()
	s.findsInTemporal(`EnrollmentStatus="InError" AND ErrorCode="ContactHasNoEmail"`, 1)
	s.findsInTemporal(`EnrollmentStatus="InError"`, 3)
	s.findsInTemporal(`EnrollmentStatus="Paused"`, 1)
	s.findsInTemporal(`EnrollmentStatus="Waiting"`, 1)
	require.Equal(t, "InError/one/ContactHasNoEmail/1", s.position("short", c.parked), "the same park, under the same number")
	// It is reckoned from the send again: the claim had reckoned it a moment before the server's answer.
	sending := one[time.Duration](s, `SELECT d.settled_at - d.reserved_at FROM deliveries d JOIN enrollments e ON e.id = d.enrollment_id WHERE e.contact_id = $1`, c.waiting)
	require.WithinDuration(t, nextAt, one[time.Time](s, `SELECT next_at FROM enrollments WHERE contact_id = $1`, c.waiting), sending+time.Second, "a wait is not begun anew")
	s.agrees()

	s.run("contacts", "set", fmt.Sprint(c.parked), "--email", "pip@t.example")
	s.run("contacts", "set", fmt.Sprint(c.bounced), "--email", "bob@t.example")
	s.run("resume", fmt.Sprint(c.doubted), "--assume", "sent")
	s.run("campaign", "unpause", "held")
	for _, id := range []int64{c.parked, c.bounced, c.doubted} {
		s.eventually("short", id, "Completed")
	}
	s.eventually("held", c.paused, "Completed")
	require.Equal(t, "Waiting", s.position("long", c.waiting)[:7])
	for address, mails := range map[string]int{
		"wanda@": 1, "pip@": 1, "drop+dora@": 1, "bounce@": 0, "bob@": 1, "paula@": 1, "don@": 1, "lea@": 1,
	} {
		require.Equal(t, mails, s.inboxTo(address), "mails to %s", address)
	}
	s.agrees()
}
