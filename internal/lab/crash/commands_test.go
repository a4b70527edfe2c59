package crash

import (
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command dies when its request is committed and no workflow has been signalled:
// the outbox has it, and the schedule signals them within a minute (law 3).
func TestACommandIsKilled(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		at, command string
		scene       func(*stage)
		died        string
	}{
		{at: triggerWake, command: "campaign set-sender unsent maya@northwind.example", scene: parked, died: "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits"},
		{at: startEnrolled, command: "enroll mail --all", scene: imported, died: "unclaimed; Active; 5 credits"},
	} {
		t.Run(r.at, func(t *testing.T) {
			t.Parallel()
			s := setStageAtOnce(t, "") // it takes up to a minute until the schedule comes by
			s.plainWorker()
			r.scene(s)
			s.launch(s.env, starterRole, r.at, syscall.SIGKILL, strings.Fields(r.command)...).isKilled(t)
			require.Equal(t, r.died, s.state(), "right after the death")
			s.allThrough()
		})
	}
}

func parked(s *stage) {
	withoutSender(s)
	s.comesTo(s.state, "unclaimed; InError OwnerHasNoSendingAddress, park 1; 5 credits")
}

func imported(s *stage) { s.contact("ada@contoso.example") }

// A fix is applied while the worker that has parked lies dead between its
// commit and its answer: the resume arrives before the park does, and is kept
// for it (law 3).
func TestAFixComesBetweenAParkAndItsAnswer(t *testing.T) {
	t.Parallel()
	s := setStage(t, "")
	s.doomed = s.worker(hold + after)
	withoutSender(s)
	s.doomed.isKilled(t)
	selectSender(s)
	s.plainWorker()
	s.allThrough()
	require.Equal(t, "sent by claim 1; Completed; 4 credits", s.state())
}
