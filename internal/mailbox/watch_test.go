package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/imap"
	"relance/internal/mail/imap/imaptest"
	"relance/internal/mailbox"
)

// watching is a reader that watches, and what it says of itself.
type watching struct {
	*bundle
	reader *mailbox.Reader
	poke   chan struct{}
	ended  chan error

	mutex sync.Mutex
	told  []mailbox.Status
}

// watch starts a reader that looks once an hour unless something makes it look.
func (b *bundle) watch() *watching {
	w := &watching{bundle: b, reader: b.reader(), poke: make(chan struct{}, 1), ended: make(chan error, 1)}
	w.reader.Interval, w.reader.Poke = time.Hour, w.poke
	w.reader.Tell = func(s mailbox.Status) {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.told = append(w.told, s)
	}
	ctx, stop := context.WithCancel(b.t.Context())
	go func() { w.ended <- w.reader.Watch(ctx) }()
	b.t.Cleanup(func() {
		stop()
		select {
		case err := <-w.ended:
			if !errors.As(err, new(*imap.Error)) {
				require.ErrorIs(b.t, err, context.Canceled)
			}
		case <-time.After(10 * time.Second):
			b.t.Error("the reader does not stop")
		}
	})
	return w
}

func (w *watching) status() mailbox.Status {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.told) == 0 {
		return mailbox.Status{}
	}
	return w.told[len(w.told)-1]
}

func (w *watching) until(phase mailbox.Phase) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.status().Phase == phase }, 10*time.Second, time.Millisecond, "the reader is to be %s", phase)
}

func (w *watching) eventually(folder string, subjects ...string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return slices.Equal(subjects, w.memory.subjects(folder)) }, 10*time.Second, time.Millisecond, "%s is to have %s", folder, subjects)
}

func (w *watching) heard(command string) (times int) {
	for _, one := range w.Heard() {
		if one == command {
			times++
		}
	}
	return times
}

func TestMailIsReadWhenItArrives(t *testing.T) {
	t.Parallel()
	w := setup(t).watch()
	w.until(mailbox.Idling)
	for i := range 5 {
		w.Deliver("INBOX", letter(fmt.Sprint(i)))
		require.Eventually(t, func() bool { return len(w.memory.subjects("INBOX")) == i+1 }, 10*time.Second, time.Millisecond)
		w.until(mailbox.Idling)
	}
	all, _, _ := w.Connections()
	require.Equal(t, 1, all, "over one connection")
	require.WithinDuration(t, time.Now(), w.status().Looked, 10*time.Second)
}

// Mail that arrives in INBOX while the look goes on, behind the reader's back, is seen at
// once too: INBOX is the last folder, and what the server says afterwards is not forgotten.
func TestMailThatArrivesDuringALookIsNotMissed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.memory.kept = make(chan struct{})
	w := b.watch()
	b.Deliver("INBOX", letter("first"))
	for i := range 20 {
		select {
		case <-b.memory.kept: // the reader is in the middle of keeping one
		case <-time.After(10 * time.Second):
			t.Fatalf("message %d is not seen", i)
		}
		if i == 19 {
			break
		}
		w.Deliver("INBOX", letter(fmt.Sprint(i)))
	}
	require.Eventually(t, func() bool { return len(w.memory.subjects("INBOX")) == 20 }, 10*time.Second, time.Millisecond)
}

func TestAPokeMakesItLookNow(t *testing.T) {
	t.Parallel()
	for _, idle := range []bool{true, false} {
		b := setup(t)
		phase := mailbox.Idling
		if !idle {
			phase = mailbox.Resting
			b.With(func(f *imaptest.Faults) { f.Capabilities = "IMAP4rev1" })
		}
		w := b.watch()
		w.until(phase)
		looked := w.status().Looked
		w.Deliver("Junk", letter("nobody says so"))
		w.poke <- struct{}{}
		w.eventually("Junk", "nobody says so")
		w.until(phase)
		require.True(t, w.status().Looked.After(looked))
		if _, open, _ := w.Connections(); !idle {
			require.Zero(t, open, "it waits without a connection")
		}
	}
}

// A server that ends each wait at once, and one that says nothing any more.
func TestAWaitThatTheServerEndsIsNoFailure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.With(func(f *imaptest.Faults) { f.ByeInIdle = "too long" })
	w := b.watch()
	w.until(mailbox.Resting)
	w.Deliver("INBOX", letter("m"))
	w.eventually("INBOX", "m")
	w.until(mailbox.Resting)
	require.LessOrEqual(t, w.heard("IDLE"), 4, "without haste")
	require.Zero(t, w.status().Failures)
}

func TestAConnectionThatDiedWhileWaitingIsReplaced(t *testing.T) {
	t.Parallel()
	w := setup(t).watch()
	w.until(mailbox.Idling)
	w.Deliver("Junk", letter("m"))
	w.Drop()
	w.eventually("Junk", "m")
	w.until(mailbox.Idling)
	require.Zero(t, w.status().Failures)
}

func TestASilentServerHangsNobody(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"CAPABILITY", "LOGIN", "LIST", "EXAMINE Sent", "EXAMINE INBOX", "UID FETCH", "UID SEARCH", "IDLE"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.silence = 2 * time.Second // which a polite answer may take on a busy machine
			b.Deliver("INBOX", letter("m"))
			b.With(func(f *imaptest.Faults) {
				f.Answers, f.Times = map[string]string{command: imaptest.Silence}, map[string]int{command: 1}
			})
			w := b.watch()
			switch command {
			case "IDLE":
				w.eventually("INBOX", "m")
				w.until(mailbox.Resting)
			case "UID FETCH": // the message is tried again, over another connection
				w.eventually("INBOX", "m")
				w.until(mailbox.Idling)
			default:
				w.until(mailbox.Failing)
				require.ErrorContains(t, w.status().Err, "the server has gone silent")
				require.WithinDuration(t, time.Now(), w.status().FailingSince, 10*time.Second)
				w.memory.mutex.Lock()
				defer w.memory.mutex.Unlock()
				require.Zero(t, w.memory.completed, "the look is not complete")
			}
		})
	}
}

func TestARefusedLoginEndsTheWatch(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]imap.Fault{
		"": imap.LoginRefused, // the server's own, which repeats the password
		"NO [ALERT] Your account is not enabled for IMAP use.": imap.Disabled,
	} {
		b := setup(t)
		b.With(func(f *imaptest.Faults) {
			if answer != "" {
				f.Answers = map[string]string{"LOGIN": answer}
			}
		})
		reader := b.reader()
		dials := 0
		reader.Dial = func(ctx context.Context) (*imap.Client, error) {
			dials++
			settings := b.settings()
			settings.Password = "s3cret"
			return imap.Dial(ctx, settings)
		}
		err := reader.Watch(t.Context())
		var fault *imap.Error
		require.ErrorAs(t, err, &fault)
		require.Equal(t, want, fault.Fault)
		require.NotContains(t, err.Error(), "s3cret")
		require.Equal(t, 1, dials, "a wrong password is not tried again")
		require.NotContains(t, strings.Join(b.Heard(), " "), "EXAMINE")
	}
}

// However a connection ends, nothing of it is left behind.
func TestNothingIsLeftOfABrokenConnection(t *testing.T) { //nolint:paralleltest // it counts the goroutines of the process
	b := setup(t)
	for range 3 {
		b.Deliver("INBOX", letter("m"))
	}
	before := runtime.NumGoroutine()
	for _, command := range []string{"CAPABILITY", "LOGIN", "LIST", "EXAMINE", "UID FETCH", "UID SEARCH"} {
		for range 10 {
			b.With(func(f *imaptest.Faults) {
				f.Answers, f.Times = map[string]string{command: imaptest.Cut}, map[string]int{command: 1}
				f.CutIn = map[uint32]int{2: 1}
			})
			_ = b.reader().Look(t.Context())
		}
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+3 }, 10*time.Second, 10*time.Millisecond, "%d goroutines", runtime.NumGoroutine())
}

// Fifty mailboxes of one server, with places for five to wait and three to look.
func TestManyReadersHoldFewConnections(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.limits = mailbox.NewLimits(3, 5, 2<<20)
	readers := make([]*watching, 50)
	for i := range readers {
		one := *b
		one.memory = &memory{rows: map[key]mailbox.Message{}, cursors: map[string]mailbox.Cursor{}, since: b.memory.since}
		readers[i] = one.watch()
	}
	waits := func() (idling, resting int) {
		for _, w := range readers {
			switch w.status().Phase {
			case mailbox.Idling:
				idling++
			case mailbox.Resting:
				resting++
			case mailbox.Looking, mailbox.Failing:
			}
		}
		return idling, resting
	}
	require.Eventually(t, func() bool { idling, resting := waits(); return idling == 5 && resting == 45 }, 20*time.Second, 5*time.Millisecond)
	b.Deliver("INBOX", letter("for all")+strings.Repeat("x", 1<<20))
	for _, w := range readers {
		w.poke <- struct{}{}
	}
	for _, w := range readers {
		w.eventually("INBOX", "for all")
	}
	_, _, most := b.Connections()
	require.LessOrEqual(t, most, 3+5)
}
