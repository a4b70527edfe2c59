package temporalio

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/command/v1"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// The type of a search attribute stays at home; its value, and the caller's own copy, do not change.
func TestLean(t *testing.T) {
	t.Parallel()
	own := &common.SearchAttributes{IndexedFields: map[string]*common.Payload{"StepId": {
		Metadata: map[string][]byte{"encoding": []byte("json/plain"), typeOfValue: []byte("Keyword")}, Data: []byte(`"intro"`),
	}}}
	start := &workflowservice.StartWorkflowExecutionRequest{SearchAttributes: own}
	upsert := &command.UpsertWorkflowSearchAttributesCommandAttributes{SearchAttributes: own}
	next := &command.ContinueAsNewWorkflowExecutionCommandAttributes{SearchAttributes: own}
	completed := &workflowservice.RespondWorkflowTaskCompletedRequest{Commands: []*command.Command{
		{Attributes: &command.Command_UpsertWorkflowSearchAttributesCommandAttributes{UpsertWorkflowSearchAttributesCommandAttributes: upsert}},
		{Attributes: &command.Command_ContinueAsNewWorkflowExecutionCommandAttributes{ContinueAsNewWorkflowExecutionCommandAttributes: next}},
		{}, // any other
	}}
	called := 0
	for _, request := range []any{start, completed, &workflowservice.SignalWorkflowExecutionRequest{}} {
		require.NoError(t, stripTypes(t.Context(), "/S/M", request, nil, nil, func(_ context.Context, _ string, sent, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
			called++
			require.Same(t, request, sent)
			return nil
		}))
	}
	require.Equal(t, 3, called)
	for _, sent := range []*common.SearchAttributes{start.GetSearchAttributes(), upsert.GetSearchAttributes(), next.GetSearchAttributes()} {
		value := sent.GetIndexedFields()["StepId"]
		require.Equal(t, map[string][]byte{"encoding": []byte("json/plain")}, value.GetMetadata())
		require.Equal(t, `"intro"`, string(value.GetData()))
	}
	require.Contains(t, own.GetIndexedFields()["StepId"].GetMetadata(), typeOfValue)
}
