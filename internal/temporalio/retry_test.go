package temporalio

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A call whose answer the storage lost is made again, a few times; nothing else is.
func TestInsist(t *testing.T) {
	t.Parallel()
	lost := status.Error(codes.DeadlineExceeded, "the storage timed out")
	ended, end := context.WithCancel(t.Context())
	end()
	for name, one := range map[string]struct {
		ctx     context.Context
		method  string
		answers []error // the last one for ever
		calls   int
		code    codes.Code
	}{
		"answered at once":      {t.Context(), "/S/SignalWorkflowExecution", []error{nil}, 1, codes.OK},
		"lost twice":            {t.Context(), "/S/RespondActivityTaskCompleted", []error{lost, lost, nil}, 3, codes.OK},
		"lost for good":         {t.Context(), "/S/StartWorkflowExecution", []error{lost}, maxCalls, codes.DeadlineExceeded},
		"refused":               {t.Context(), "/S/StartWorkflowExecution", []error{status.Error(codes.AlreadyExists, "it runs")}, 1, codes.AlreadyExists},
		"refused after a loss":  {t.Context(), "/S/RespondWorkflowTaskCompleted", []error{lost, status.Error(codes.NotFound, "it was done")}, 2, codes.NotFound},
		"an empty poll":         {t.Context(), "/S/PollActivityTaskQueue", []error{lost}, 1, codes.DeadlineExceeded},
		"the caller has had it": {ended, "/S/SignalWorkflowExecution", []error{lost}, 1, codes.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			err := retryLostAnswers(one.ctx, one.method, nil, nil, nil, func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
				calls++
				return one.answers[min(calls, len(one.answers))-1]
			})
			require.Equal(t, one.code, status.Code(err))
			require.Equal(t, one.calls, calls)
		})
	}
}

// forgetful is a server whose storage loses the answers of its first signals.
type forgetful struct {
	workflowservice.UnimplementedWorkflowServiceServer
	lost atomic.Int32
}

func (*forgetful) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (f *forgetful) SignalWorkflowExecution(context.Context, *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	if f.lost.Add(-1) >= 0 {
		return nil, status.Error(codes.DeadlineExceeded, "the storage timed out")
	}
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// Every connection of Dial retries lost answers.
func TestDialInsists(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server, service := grpc.NewServer(), &forgetful{}
	workflowservice.RegisterWorkflowServiceServer(server, service)
	go func() { _ = server.Serve(listener) }() // until it is stopped
	t.Cleanup(server.Stop)
	connection, err := Dial(t.Context(), client.Options{HostPort: listener.Addr().String()})
	require.NoError(t, err)
	t.Cleanup(connection.Close)

	service.lost.Store(maxCalls - 1)
	require.NoError(t, connection.SignalWorkflow(t.Context(), "w", "", "resume", nil))
	service.lost.Store(maxCalls)
	require.Error(t, connection.SignalWorkflow(t.Context(), "w", "", "resume", nil))
}
