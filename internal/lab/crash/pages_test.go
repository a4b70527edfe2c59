package crash

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"
)

// pages are the points of the two drains, with four contacts and two to a page.
// PostgreSQL is asked how far the drain has come, in a regular expression: on a busy machine
// one start of a page may have failed, and is then tried again.
var pages = []struct {
	name, at   string // the name is the point where none is given
	scene      func(*stage)
	look       func(*stage) string
	died, ends string
}{
	{at: secondSignal, scene: fixed, look: (*stage).wakes, died: "campaign:unsent/sender open, 0 signalled", ends: "campaign:unsent/sender done"},
	{at: signalled + before, scene: fixed, look: (*stage).wakes, died: "campaign:unsent/sender open, 0 signalled", ends: "campaign:unsent/sender done"},
	{at: signalled + after, scene: fixed, look: (*stage).wakes, died: "campaign:unsent/sender open, 2 signalled", ends: "campaign:unsent/sender done"},
	{name: "in an activity: " + secondStart, at: secondStart, scene: rated, look: (*stage).starts, died: "open, 4 not started", ends: "done, 0 not started"},
	{name: "in an activity: " + started + before, at: started + before, scene: rated, look: (*stage).starts, died: "open, 4 not started", ends: "done, 0 not started"},
	{name: "in an activity: " + started + after, at: started + after, scene: rated, look: (*stage).starts, died: "open, [23] not started", ends: "done, 0 not started"},
	{at: secondStart, scene: enrolled, look: (*stage).starts, died: "open, 4 not started", ends: "done, 0 not started"},
	{at: started + before, scene: enrolled, look: (*stage).starts, died: "open, 4 not started", ends: "done, 0 not started"},
	{at: started + after, scene: enrolled, look: (*stage).starts, died: "open, [23] not started", ends: "done, 0 not started"},
}

// A page that is signalled twice does no harm, and a page that is signalled half is signalled
// to its end (laws 1 to 3).
func TestAWorkerIsKilledInThePagesOfADrain(t *testing.T) {
	t.Parallel()
	for _, r := range pages {
		t.Run(cmp.Or(r.name, r.at), func(t *testing.T) {
			t.Parallel()
			s := setStage(t, "")
			s.doomed = s.worker(r.at)
			// The signalled ones go on in the same worker at once: they must not come
			// as far as the dot before it dies, or it is their deaths that are looked at.
			s.script.with(func() { s.script.rcpt = func() { s.script.await(s.doomed.exited) } })
			r.scene(s)
			s.doomed.isKilled(t)
			look := func() string { return r.look(s) }
			require.Regexp(t, "^"+r.died+"$", look(), "right after the death")

			s.plainWorker()
			s.comesTo(look, r.ends)
			s.allThrough()
		})
	}
}

// enrolled asks for four workflows to be started, which a workflow task does by itself.
func enrolled(s *stage) { s.enroll("mail", four()...) }

// rated asks for the same with a rate, which is left to an activity.
func rated(s *stage) {
	for _, address := range four() {
		s.contact(address)
	}
	s.starter("enroll", "mail", "--contacts", s.ids(), "--wait=false", "--rate", "1000/s")
}

// fixed commits the fix that four contacts wait for.
func fixed(s *stage) {
	s.enroll("unsent", four()...)
	s.comesTo(func() string {
		return s.ask(`SELECT count(*) || ' in error' FROM enrollments WHERE status = 'InError'`)
	}, "4 in error")
	selectSender(s)
}
