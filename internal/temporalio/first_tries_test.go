package temporalio

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/deployment/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"relance/workflows"
)

// queue is a Temporal server that knows nothing but who polls.
type queue struct {
	workflowservice.WorkflowServiceClient
	pollers []*taskqueue.PollerInfo
	err     error
	looks   int
}

// connection is the way to it.
type connection struct {
	client.Client
	queue *queue
}

func (c connection) WorkflowService() workflowservice.WorkflowServiceClient { return c.queue }

func (q *queue) DescribeTaskQueue(context.Context, *workflowservice.DescribeTaskQueueRequest, ...grpc.CallOption) (*workflowservice.DescribeTaskQueueResponse, error) {
	q.looks++
	return &workflowservice.DescribeTaskQueueResponse{Pollers: q.pollers}, q.err
}

func poller(build string, ago time.Duration) *taskqueue.PollerInfo {
	return &taskqueue.PollerInfo{
		LastAccessTime:            timestamppb.New(time.Now().Add(-ago)),
		WorkerVersionCapabilities: &common.WorkerVersionCapabilities{BuildId: build}, //nolint:staticcheck // as the SDK sends it
	}
}

func versioned(build string) *taskqueue.PollerInfo {
	one := poller(build, 0)
	one.DeploymentOptions = &deployment.WorkerDeploymentOptions{BuildId: build, WorkerVersioningMode: enums.WORKER_VERSIONING_MODE_VERSIONED}
	return one
}

func firstTry(t *testing.T, outreach *Client) string {
	t.Helper()
	pinned, _ := outreach.pins(t.Context())
	return pinned
}

// What a worker of the release before cannot go on with is not begun while one serves, nor
// where the version that is current may be one.
func TestNobodyFollowsBeforeTheLastOlderWorkerIsGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ours    string
		pollers []*taskqueue.PollerInfo
		err     error
		want    bool
	}{
		"no worker is known":              {workflows.FirstTryBuild, nil, nil, true},
		"all know it":                     {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("1a2b/3/2", 0), poller("v1.9.0/3/2", 0)}, nil, true},
		"one does not":                    {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("1a2b/3/2", 0), poller("v1.8.0/2", 50*time.Second)}, nil, false},
		"one that is listed does not":     {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("v1.8.0/2", 2*time.Minute), poller("1a2b/3/2", 0)}, nil, false},
		"another version serves":          {workflows.FirstTryBuild, []*taskqueue.PollerInfo{versioned("7f3c2a1"), poller("1a2b/3/2", 0)}, nil, false},
		"only this version serves":        {"7f3c2a1", []*taskqueue.PollerInfo{versioned("7f3c2a1")}, nil, true},
		"this version and one that knows": {"7f3c2a1", []*taskqueue.PollerInfo{versioned("7f3c2a1"), versioned("51e0d9b/3/2")}, nil, true},
		"this version and another one":    {"7f3c2a1", []*taskqueue.PollerInfo{versioned("7f3c2a1"), versioned("51e0d9b")}, nil, false},
		"the server does not say":         {workflows.FirstTryBuild, nil, errors.New("unavailable"), false},
		"this one starts none":            {"", nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outreach := &Client{Client: connection{queue: &queue{pollers: c.pollers, err: c.err}}, FirstTry: c.ours}
			_, follows := outreach.pins(t.Context())
			require.Equal(t, c.want, follows)
		})
	}
}

// What a worker of the release before cannot replay is not begun while one serves.
func TestFirstTriesWaitForTheLastOlderWorker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ours    string
		pollers []*taskqueue.PollerInfo
		err     error
		want    string
	}{
		"no worker is known":             {workflows.FirstTryBuild, nil, nil, workflows.FirstTryBuild},
		"all know first tries":           {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("1a2b/2", 0), poller("v1.9.0/2", 0)}, nil, workflows.FirstTryBuild},
		"one does not":                   {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("1a2b/2", 0), poller("v1.8.0", 50*time.Second)}, nil, ""},
		"one says no build":              {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("", 0)}, nil, ""},
		"one that is listed does not":    {workflows.FirstTryBuild, []*taskqueue.PollerInfo{poller("v1.8.0", 2*time.Minute), poller("1a2b/2", 0)}, nil, ""},
		"one that is given no such task": {workflows.FirstTryBuild, []*taskqueue.PollerInfo{versioned("7f3c2a1"), poller("1a2b/2", 0)}, nil, workflows.FirstTryBuild},
		"the server does not say":        {workflows.FirstTryBuild, nil, errors.New("unavailable"), ""},
		"this worker has a version":      {"7f3c2a1", []*taskqueue.PollerInfo{poller("v1.8.0", 0)}, nil, "7f3c2a1"},
		"this one starts none":           {"", nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outreach := &Client{Client: connection{queue: &queue{pollers: c.pollers, err: c.err}}, FirstTry: c.ours}
			require.Equal(t, c.want, firstTry(t, outreach))
		})
	}
}

// Enrollments are started by the thousand: one look counts for ten seconds, and what the
// server does not say does not change the answer.
func TestOneLookAtTheWorkersCountsForSomeTime(t *testing.T) {
	t.Parallel()
	server := &queue{}
	outreach := &Client{Client: connection{queue: server}, FirstTry: workflows.FirstTryBuild}
	for range 3 {
		require.Equal(t, workflows.FirstTryBuild, firstTry(t, outreach))
	}
	require.Equal(t, 1, server.looks)

	later := func() { outreach.older.lookedAt = time.Now().Add(-olderFor - time.Second) }
	later()
	server.err = errors.New("unavailable")
	require.Equal(t, workflows.FirstTryBuild, firstTry(t, outreach))
	later()
	server.err, server.pollers = nil, []*taskqueue.PollerInfo{poller("v1.8.0", 0)}
	require.Empty(t, firstTry(t, outreach), "an older worker has come: a rollback")
	require.Equal(t, 3, server.looks)
}
