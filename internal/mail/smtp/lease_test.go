package smtp_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/smtp"
)

// A server that hangs holds its own connections, and every later caller gets a time to
// come again, one behind the other, instead of waiting in a worker's slot.
func TestASlowAccountHoldsNobody(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(2))
	for range 2 {
		lease, retryIn, err := pool.Reserve(t.Context(), s.account(), time.Minute)
		require.NoError(t, err)
		require.Zero(t, retryIn)
		t.Cleanup(lease.Release)
	}
	last := time.Duration(0)
	for range 5 {
		lease, retryIn, err := pool.Reserve(t.Context(), s.account(), time.Millisecond)
		require.NoError(t, err)
		require.Nil(t, lease)
		require.Greater(t, retryIn, last, "every caller has a retryIn of its own")
		last = retryIn
	}
	require.Less(t, last, time.Second)

	other := s.account()
	other.Address = "leo@northwind.example"
	lease, retryIn, err := pool.Reserve(t.Context(), other, time.Millisecond)
	require.NoError(t, err)
	require.Zero(t, retryIn, "another account is not concerned")
	lease.Release()
}

func TestAReleasedSlotGoesToTheNextInTheQueue(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(1))
	lease, _, err := pool.Reserve(t.Context(), s.account(), 0)
	require.NoError(t, err)
	next := make(chan error)
	go func() {
		lease, retryIn, err := pool.Reserve(context.WithoutCancel(t.Context()), s.account(), time.Minute)
		if err == nil && retryIn == 0 {
			_, err = lease.Send(context.WithoutCancel(t.Context()), envelope, message, pass)
			lease.Release()
		}
		next <- err
	}()
	_, err = lease.Send(t.Context(), envelope, message, pass)
	require.NoError(t, err)
	lease.Release()
	require.NoError(t, <-next)
	s.look(func() { require.Equal(t, 1, s.connections) })
}
