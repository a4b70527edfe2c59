package temporalio

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/taskqueue/v1"
)

// Law 1: a repair asks whether a worker runs. Temporal's clock is none of this machine's, so what it
// lists counts, however long ago it seems.
func TestEveryWorkerThatIsListedCounts(t *testing.T) {
	t.Parallel()
	one := poller("1a2b/3/2", 10*time.Minute)
	one.Identity = "maya@worker"
	c := &Client{Client: connection{queue: &queue{pollers: []*taskqueue.PollerInfo{one}}}}
	workers, err := c.Workers(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]time.Time{"maya@worker": one.GetLastAccessTime().AsTime()}, workers)
}
