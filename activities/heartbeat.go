package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// HeartbeatTimeout is how long a worker may be silent before its attempt is
// given to another: so much later the steps of a killed worker go on.
const HeartbeatTimeout = 20 * time.Second

// GiverTimeout is how long a giver may be silent before another is at work: meanwhile all
// lines stand. It is short, because a giver that is taken for dead and is not does no harm:
// until Temporal answers it, two give turns, each under the account's lock (law 8), and an
// enrollment that is signalled twice looks once more. Heartbeats do not wait for PostgreSQL.
const GiverTimeout = 6 * time.Second

// heartbeats is how many heartbeats are sent in a heartbeat timeout.
const heartbeats = 4

// HeartbeatThrottle is how close a worker sends the heartbeats of one activity at most. It
// holds back none of keepAlive's, not even the giver's.
const HeartbeatThrottle = GiverTimeout / heartbeats / 2

// keepAlive sends heartbeats for as long as the activity runs: waiting ten minutes for a
// mail server's answer (RFC 5321 §4.5.3.2.6) is not being dead.
func keepAlive(ctx context.Context) (stop func()) {
	timeout := activity.GetInfo(ctx).HeartbeatTimeout
	if timeout <= 0 {
		timeout = HeartbeatTimeout
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(timeout / heartbeats)
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
