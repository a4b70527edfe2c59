package activities_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relance/activities"
)

// A giver on a connection whose other end is gone keeps its heartbeat, so nobody takes its place:
// it gives that connection up by itself.
func TestAGiverDoesNotWaitForADeadConnection(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"tend", "give", "list", "note"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &openedLine{claimsIn: time.Millisecond, dead: []string{call}}
				l.opened("huge", "huge@northwind.example", 3)
				require.Less(t, l.given(t, &activities.RecentSteps{}), 2*time.Minute)
			})
		})
	}
}
