package crash

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// owners is a stage with two workers, both alive, that believe that they own
// the same send. Temporal has given the first one up.
type owners struct {
	*stage
	relay    *relay
	one, two *process
	letOne   func()
}

// ownedByOne has the first worker at RCPT, before its gate. Then it is stopped
// and cut off from Temporal.
func ownedByOne(t *testing.T, shape string) *owners {
	t.Helper()
	o := &owners{stage: setStage(t, "")}
	o.env[shapeVariable] = shape
	o.relay, o.letOne = o.stage.relay(), o.script.hold(1)
	o.one = o.launch(o.relay.env, workerRole, "", syscall.SIGKILL)
	toAda(o.stage)
	o.sees(seen{rcpts: 1})
	o.pause(o.one)
	o.relay.cut()
	return o
}

// shapes are owners that are first tries inside workflow tasks, and owners that are
// activities.
var shapes = map[string]string{"first tries": "", activitiesOnly: activitiesOnly}

func (o *owners) pause(p *process) {
	o.t.Helper()
	require.NoError(o.t, p.cmd.Process.Signal(syscall.SIGSTOP))
}

func (o *owners) goOn(p *process) {
	o.t.Helper()
	require.NoError(o.t, p.cmd.Process.Signal(syscall.SIGCONT))
}

// sees waits until that much has been seen on the wire, and no more than that.
func (s *stage) sees(want seen) {
	s.t.Helper()
	s.waits()
	require.Eventually(s.t, func() bool {
		now := s.script.seen()
		return now.rcpts >= want.rcpts && now.dots+now.brokenOff >= want.dots+want.brokenOff
	}, patience, tick, "wanted on the wire: %+v", want)
	require.Equal(s.t, want, s.script.seen(), "on the wire")
}

// The second owner is at the same place when the first goes on with the answer
// to its RCPT. Its claim is the older one: it breaks off, without a dot (law 1).
func TestAnOwnerThatWasTakenOverWritesNoDot(t *testing.T) {
	t.Parallel()
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ownedByOne(t, shape)
			letTwo := o.script.hold(2)
			o.two = o.worker("")
			o.sees(seen{rcpts: 2})
			require.Equal(t, "reserved by claim 2; Active; 4 credits", o.state())

			o.letOne()
			o.goOn(o.one)
			o.sees(seen{rcpts: 2, brokenOff: 1})
			require.Empty(t, o.accepted())
			require.Equal(t, "reserved by claim 2; Active; 4 credits", o.state())

			letTwo()
			o.comesTo(o.state, "sent by claim 2; Completed; 4 credits")
			require.Len(t, o.accepted(), 1)
			o.sees(seen{rcpts: 2, dots: 1, brokenOff: 1})
		})
	}
}

// The second owner is refused for now, so the delivery is free for a third
// claim. The first owner, which has missed all of it, is not that third.
func TestAnOwnerThatWasTakenOverDoesNotTakeWhatWasGivenBack(t *testing.T) {
	t.Parallel()
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ownedByOne(t, shape)
			o.script.with(func() {
				o.script.dot = func(n int) *inbox.Reply {
					if n > 1 {
						return nil
					}
					return &inbox.Reply{Code: 451, Enhanced: "4.3.0", Text: "Try again later"}
				}
			})
			letThree := o.script.hold(3)
			o.two = o.worker("")
			o.sees(seen{rcpts: 3, dots: 1})
			require.Equal(t, "reserved by claim 3; Active; 4 credits", o.state())

			o.letOne()
			o.goOn(o.one)
			o.sees(seen{rcpts: 3, dots: 1, brokenOff: 1})
			require.Empty(t, o.accepted())

			letThree()
			o.comesTo(o.state, "sent by claim 3; Completed; 4 credits")
			require.Len(t, o.accepted(), 1)
		})
	}
}

// The first owner is stopped behind its gate. The dot that it writes when it
// goes on is its own, though another attempt has declared it uncertain meanwhile;
// the late answer is the truth, and settles it (laws 1 and 4).
func TestALateDotSettlesTheUncertainDelivery(t *testing.T) {
	t.Parallel()
	o := &owners{stage: setStage(t, "")}
	o.relay = o.stage.relay()
	o.one = o.launch(o.relay.env, workerRole, gate+after, syscall.SIGSTOP)
	toAda(o.stage)
	within(t, o.one.there, "the first worker passes its gate")
	o.relay.cut()
	o.two = o.worker("")
	o.comesTo(o.state, "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits")
	require.Equal(t, seen{rcpts: 1}, o.script.seen())

	o.goOn(o.one)
	o.sees(seen{rcpts: 1, dots: 1})
	o.answeredLate()
}

// The second owner has read the facts, and found the delivery free, when the
// first one passes its gate. It must not claim what is on the wire (law 1).
func TestWhatIsOnTheWireIsNotClaimed(t *testing.T) {
	t.Parallel()
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := ownedByOne(t, shape)
			o.two = o.launch(o.env, workerRole, beforeClaim, syscall.SIGSTOP)
			within(t, o.two.there, "the second worker looks at the facts")
			require.Equal(t, "reserved by claim 1; Active; 4 credits", o.state())

			answer := make(chan struct{})
			o.script.with(func() { o.script.dot = func(int) *inbox.Reply { o.script.await(answer); return nil } })
			o.letOne()
			o.goOn(o.one)
			o.sees(seen{rcpts: 1, dots: 1})
			require.Equal(t, "wire by claim 1; Active; 4 credits", o.state())

			o.goOn(o.two)
			o.comesTo(o.state, "uncertain by claim 1; InError DeliveryUncertain, park 1; 4 credits")
			require.Equal(t, seen{rcpts: 1, dots: 1}, o.script.seen())
			close(answer)
			o.answeredLate()
		})
	}
}

// answeredLate: the answer to the only dot ends the uncertainty without being asked,
// and the contact is through.
func (o *owners) answeredLate() {
	o.t.Helper()
	const settled = `SELECT count(*)::text FROM outbox WHERE kind = 'resume' AND assume = 'sent' AND by = 'server'`
	require.Eventually(o.t, func() bool { return o.ask(settled) == "1" }, patience, tick, "the late answer is not recorded")
	o.wake()
	o.comesTo(o.state, "sent by claim 1; Completed; 4 credits")
	require.Len(o.t, o.accepted(), 1)
	require.Equal(o.t, seen{rcpts: 1, dots: 1}, o.script.seen())
}
