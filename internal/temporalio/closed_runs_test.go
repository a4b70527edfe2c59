package temporalio

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"relance/internal/campaign"
)

// index is a visibility index that notes what it is asked.
type index struct {
	client.Client
	query string
}

func (i *index) ListWorkflow(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	i.query = request.GetQuery()
	return &workflowservice.ListWorkflowExecutionsResponse{}, nil
}

// Law 2: every end that is not a workflow's own is hinted at, as Describe knows them; what
// Completed has closed its row itself.
func TestTheHintNamesEveryEndFromOutside(t *testing.T) {
	t.Parallel()
	asked := &index{}
	c := &Client{Client: asked, Namespace: "default"}
	err := c.ClosedSince(t.Context(), time.Unix(0, 0), func([]campaign.EnrollmentKey) (bool, error) { return true, nil })
	require.NoError(t, err)
	for status, ending := range endings {
		if ending != campaign.EndedCompleted {
			require.Contains(t, asked.query, "'"+status.String()+"'")
		}
	}
}
