package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// HeartbeatTimeout is how long a worker may be silent before its attempt is
// given to another: so much later the steps of a killed worker go on.
// keepAlive sends six heartbeats in it, and the server receives at least two.
const HeartbeatTimeout = 20 * time.Second

// keepAlive sends heartbeats for as long as the activity runs: waiting ten minutes for a
// mail server's answer (RFC 5321 §4.5.3.2.6) is not being dead.
func keepAlive(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(HeartbeatTimeout / 6)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
