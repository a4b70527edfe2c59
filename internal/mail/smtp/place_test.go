package smtp_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/mail/smtp"
)

// A server that hangs holds its own places, and whoever comes after that is told when
// to come again, one behind the other, instead of waiting in a worker's slot.
func TestASlowAccountHoldsNobody(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(2))
	for range 2 {
		place, turn, err := pool.Reserve(t.Context(), s.account(), time.Minute)
		require.NoError(t, err)
		require.Zero(t, turn)
		t.Cleanup(place.Release)
	}
	last := time.Duration(0)
	for range 5 {
		place, turn, err := pool.Reserve(t.Context(), s.account(), time.Millisecond)
		require.NoError(t, err)
		require.Nil(t, place)
		require.Greater(t, turn, last, "everybody has a turn of their own")
		last = turn
	}
	require.Less(t, last, time.Second)

	other := s.account()
	other.Address = "leo@northwind.example"
	place, turn, err := pool.Reserve(t.Context(), other, time.Millisecond)
	require.NoError(t, err)
	require.Zero(t, turn, "another account is not concerned")
	place.Release()
}

func TestAPlaceGoesToTheNextInLine(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t, smtp.WithConnections(1))
	place, _, err := pool.Reserve(t.Context(), s.account(), 0)
	require.NoError(t, err)
	next := make(chan error)
	go func() {
		place, turn, err := pool.Reserve(context.WithoutCancel(t.Context()), s.account(), time.Minute)
		if err == nil && turn == 0 {
			_, err = place.Send(context.WithoutCancel(t.Context()), envelope, message, pass)
			place.Release()
		}
		next <- err
	}()
	_, err = place.Send(t.Context(), envelope, message, pass)
	require.NoError(t, err)
	place.Release()
	require.NoError(t, <-next)
	s.look(func() { require.Equal(t, 1, s.connections) })
}
