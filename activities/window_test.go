package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The number of calls follows what the server can take, up and down.
func TestTheWindowFollowsTheServer(t *testing.T) {
	t.Parallel()
	w := newWindow(32)
	for range 1000 {
		w.learn(10 * time.Millisecond)
	}
	require.InDelta(t, 32, w.size, .1, "a server that answers as ever gets all that it is meant to get")
	for range 200 {
		w.learn(100 * time.Millisecond)
	}
	require.InDelta(t, 1, w.size, .1, "one that has come to be slow gets one call at a time")
	for range 1000 {
		w.learn(10 * time.Millisecond)
	}
	require.InDelta(t, 32, w.size, .1)
}

func TestTheWindowHoldsBack(t *testing.T) {
	t.Parallel()
	w := newWindow(1)
	leave := w.enter()
	entered := make(chan struct{})
	go func() {
		w.enter()(t.Context())
		close(entered)
	}()
	select {
	case <-entered:
		t.Fatal("two calls are under way")
	default:
	}
	leave(t.Context())
	<-entered
}
