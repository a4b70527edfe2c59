package smtp_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/smtp"
)

// each sends n messages at once and collects what became of them.
func each(t *testing.T, n int, send func() error) []error {
	t.Helper()
	failures := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { failures[i] = send() })
	}
	all.Wait()
	return failures
}

// TestBrokenAccountIsLeftAlone: fifty thousand contacts on a dead password are not fifty
// thousand logins, which is how addresses get locked.
func TestBrokenAccountIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	account := s.account()
	account.SMTP.Password = "wrong-password"
	pool := newPool(t, smtp.WithRests(time.Hour, 0))
	send := func() error {
		_, err := pool.Send(t.Context(), account, envelope, message, pass)
		return err
	}
	for _, err := range each(t, 1000, send) {
		var refused *smtp.Refused
		require.ErrorAs(t, err, &refused)
		require.Equal(t, 535, refused.Reply.Code)
	}
	s.look(func() { require.Equal(t, 1, s.logins) })

	account.Epoch++
	account.SMTP.Password = "inbox"
	for _, err := range each(t, 20, send) {
		require.NoError(t, err, "new settings are tried at once")
	}
}

func TestWrongSettingsAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := (&server{}).start(t) // it offers no AUTH
	pool := newPool(t, smtp.WithRests(time.Hour, 0))
	for _, err := range each(t, 100, func() error {
		_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
		return err
	}) {
		var unreachable *smtp.Unreachable
		require.ErrorAs(t, err, &unreachable)
		require.True(t, unreachable.Account)
	}
	s.look(func() { require.Equal(t, 1, s.connections) })
}

func TestALoginThatIsRefusedIsTriedAgainAfterItsRest(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login, answers: map[string]string{"AUTH": "454 4.7.0 later\n"}}).start(t)
	pool := newPool(t, smtp.WithRests(time.Nanosecond, 0))
	_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
	require.Error(t, err)
	_, err = pool.Send(t.Context(), s.account(), envelope, message, pass)
	require.NoError(t, err)
}

func TestUnreachableServerIsNotHammered(t *testing.T) {
	t.Parallel()
	var dials atomic.Int64
	pool := newPool(t, smtp.WithRests(0, time.Hour), smtp.WithDial(func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}
	}))
	s := (&server{}).start(t)
	for _, err := range each(t, 100, func() error {
		_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
		return err
	}) {
		var unreachable *smtp.Unreachable
		require.ErrorAs(t, err, &unreachable)
		require.False(t, unreachable.Account)
	}
	require.EqualValues(t, 1, dials.Load())
}

func TestConnectionsAreBoundedAndReused(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(3))
	for _, err := range each(t, 60, func() error {
		_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
		return err
	}) {
		require.NoError(t, err)
	}
	s.look(func() {
		require.Len(t, s.messages, 60)
		require.LessOrEqual(t, s.connections, 3)
		require.Equal(t, s.connections, s.logins)
	})
}

func TestWaitingForAConnectionEndsWithTheContext(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(1))
	_, err := pool.Send(t.Context(), s.account(), envelope, message, func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, err := pool.Send(ctx, s.account(), envelope, message, pass)
		require.ErrorIs(t, err, context.Canceled)
		return nil
	})
	require.NoError(t, err)
}

// TestADeadConnectionIsReplaced: the server has dropped the resting connection, by
// closing it, with a word or without, or by answering no more.
func TestADeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	for _, how := range []string{cut, "421 4.4.2 idle too long", "421 4.4.2 idle too long" + cut, "500 what", stall} {
		for talk, offers := range talks {
			t.Run(talk+how, func(t *testing.T) {
				t.Parallel()
				s := (&server{offers: offers, answers: map[string]string{"RSET": how}}).start(t)
				patience := time.Minute
				if how == stall {
					patience = 2 * time.Second // which the other answers may take on a busy machine
				}
				pool := newPool(t, smtp.WithTimeouts(0, patience, 0))
				for range 3 {
					_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
					require.NoError(t, err)
				}
				s.look(func() {
					require.Len(t, s.messages, 3, "each once")
					require.Equal(t, 3, s.connections)
				})
			})
		}
	}
}

func TestMessagesPerConnection(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithMessagesPerConnection(2))
	for range 5 {
		_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
		require.NoError(t, err)
	}
	s.until("two goodbyes", func() bool { return strings.Count(strings.Join(s.commands, "\n"), "QUIT") == 2 })
	s.look(func() { require.Equal(t, 3, s.connections) })
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	_, err := newPool(t, smtp.WithIdleTimeout(time.Millisecond)).Send(t.Context(), s.account(), envelope, message, pass)
	require.NoError(t, err)
	s.until("the goodbye", func() bool { return s.open == 0 && s.commands[len(s.commands)-1] == "QUIT" })
}

func TestANewEpochRetiresTheOld(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t)
	account := s.account()
	send := func(epoch int64) {
		account.Epoch = epoch
		_, err := pool.Send(t.Context(), account, envelope, message, pass)
		require.NoError(t, err)
	}
	send(1)
	send(2)
	s.until("the old connection's end", func() bool { return s.open == 1 && s.connections == 2 })
	send(1) // an attempt that has read the account before the change
	s.until("the end of that one", func() bool { return s.open == 1 && s.connections == 3 })
	send(2)
	s.look(func() { require.Equal(t, 3, s.connections, "the new one's connection has been kept") })
}

func TestCloseWaitsForWhatIsInFlight(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := smtp.NewPool()
	closing := make(chan error, 1)
	_, err := pool.Send(t.Context(), s.account(), envelope, message, func(ctx context.Context) error {
		short, cancel := context.WithCancel(ctx)
		cancel()
		require.ErrorIs(t, pool.Close(short), context.Canceled, "it is still in flight")
		_, err := pool.Send(ctx, s.account(), envelope, message, pass)
		require.ErrorIs(t, err, smtp.ErrClosed)
		go func() { closing <- pool.Close(t.Context()) }()
		return nil
	})
	require.NoError(t, err, "what was in flight is finished")
	require.NoError(t, <-closing)
	s.until("the goodbye", func() bool { return s.open == 0 && s.commands[len(s.commands)-1] == "QUIT" })
}
