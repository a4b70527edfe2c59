package temporalio

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// How often a call is made whose answer the server's storage loses, and the
// mean pause before the second time; it doubles.
const (
	maxCalls   = 5
	firstPause = 50 * time.Millisecond
)

// retryLostAnswers makes a call again when the server says that its storage did not answer
// in time: it may have been done, or not. The SDK repeats what is Unavailable, but
// not this, which has the code of a caller that gives up. Left alone, an answer of
// an activity or of a workflow task that was not taken is missed only after twenty
// or ten seconds. An answer that was taken, and would have brought the next task
// with it, is not handled here: that task is still missed by its own timeout.
//
// Repeating is safe: starts and signals carry a request id, and an answer that has
// arrived is refused the second time.
func retryLostAnswers(ctx context.Context, method string, request, reply any, to *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
	pause := firstPause
	for tried := 1; ; tried++ {
		err := call(ctx, method, request, reply, to, options...)
		// A poll that finds nothing may say the same, and is repeated anyway.
		if status.Code(err) != codes.DeadlineExceeded || ctx.Err() != nil || tried == maxCalls || strings.Contains(method, "/Poll") {
			return err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)): // so that many callers are not in step
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}
