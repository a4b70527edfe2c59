package temporalio

import (
	"context"
	"maps"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// typeOfValue is where the SDK notes the type of a search attribute, in each value.
const typeOfValue = "type"

// stripTypes keeps out of each history what the server knows itself: search attributes
// have been registered with their types, and it adds these to whatever it shows
// or hands to a worker. 17 bytes a value, 130 of a parked enrollment: delete this
// interceptor if you do not care about 6 % of a history's size.
func stripTypes(ctx context.Context, method string, request, reply any, to *grpc.ClientConn, call grpc.UnaryInvoker, options ...grpc.CallOption) error {
	switch r := request.(type) {
	case *workflowservice.StartWorkflowExecutionRequest:
		r.SearchAttributes = withoutTypes(r.GetSearchAttributes())
	case *workflowservice.RespondWorkflowTaskCompletedRequest:
		for _, command := range r.GetCommands() {
			if upsert := command.GetUpsertWorkflowSearchAttributesCommandAttributes(); upsert != nil {
				upsert.SearchAttributes = withoutTypes(upsert.GetSearchAttributes())
			}
			if next := command.GetContinueAsNewWorkflowExecutionCommandAttributes(); next != nil {
				next.SearchAttributes = withoutTypes(next.GetSearchAttributes())
			}
		}
	}
	return call(ctx, method, request, reply, to, options...)
}

// withoutTypes copies: the workflow that these belong to may go on reading its own.
func withoutTypes(attributes *common.SearchAttributes) *common.SearchAttributes {
	if attributes == nil {
		return nil
	}
	bare := proto.CloneOf(attributes)
	for _, value := range bare.GetIndexedFields() {
		maps.DeleteFunc(value.GetMetadata(), func(name string, _ []byte) bool { return name == typeOfValue })
	}
	return bare
}
