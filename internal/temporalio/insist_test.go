package temporalio

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
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
		"lost for good":         {t.Context(), "/S/StartWorkflowExecution", []error{lost}, insistTimes, codes.DeadlineExceeded},
		"refused":               {t.Context(), "/S/StartWorkflowExecution", []error{status.Error(codes.AlreadyExists, "it runs")}, 1, codes.AlreadyExists},
		"refused after a loss":  {t.Context(), "/S/RespondWorkflowTaskCompleted", []error{lost, status.Error(codes.NotFound, "it was done")}, 2, codes.NotFound},
		"an empty poll":         {t.Context(), "/S/PollActivityTaskQueue", []error{lost}, 1, codes.DeadlineExceeded},
		"the caller has had it": {ended, "/S/SignalWorkflowExecution", []error{lost}, 1, codes.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			err := insist(one.ctx, one.method, nil, nil, nil, func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error {
				calls++
				return one.answers[min(calls, len(one.answers))-1]
			})
			require.Equal(t, one.code, status.Code(err))
			require.Equal(t, one.calls, calls)
		})
	}
}
