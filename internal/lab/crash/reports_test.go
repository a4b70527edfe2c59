package crash

import (
	"context"
	"slices"

	"go.temporal.io/api/command/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"

	"relance/workflows"
)

// reports passes the points around the moment at which the end of a first try is reported
// to Temporal: until then nobody but the ledger knows of it.
type reports struct{ points *points }

func (r reports) intercept(ctx context.Context, method string, request, answer any, connection *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
	task, ok := request.(*workflowservice.RespondWorkflowTaskCompletedRequest)
	if !ok || !slices.ContainsFunc(task.GetCommands(), isFirstTry) {
		return call(ctx, method, request, answer, connection, options...)
	}
	r.points.pass(tried + before)
	return r.points.committed(tried, call(ctx, method, request, answer, connection, options...))
}

// isFirstTry is true of the marker of a local activity that sends; others start workflows.
func isFirstTry(one *command.Command) bool {
	marker := one.GetRecordMarkerCommandAttributes()
	if marker.GetMarkerName() != "LocalActivity" {
		return false
	}
	var local struct{ ActivityType string }
	err := converter.GetDefaultDataConverter().FromPayloads(marker.GetDetails()["data"], &local)
	return err == nil && (local.ActivityType == workflows.SendEmailActivity || local.ActivityType == workflows.SendSMSActivity)
}
