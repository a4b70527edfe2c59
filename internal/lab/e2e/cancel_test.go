package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/workflows"
)

const noSender = `
users:
  - {key: cas, name: Cas, email: cas@cancel.example}
campaigns:
  - {key: x-cancel, name: Cancel, owner: cas, steps: [{id: only, email: {subject: S, body: B}}]}
`

// A cancellation of the workflow in Temporal's own tools takes the contact out of
// the campaign: it is listed as disenrolled, and not as in error for ever (law 2).
func TestACancelledWorkflowIsADisenrollment(t *testing.T) {
	s := start(t)
	s.apply(noSender)
	id := s.contact("Cora", "cora@cancel.example")
	s.run("enroll", "x-cancel", "--contacts", fmt.Sprint(id))
	s.eventuallyParked("x-cancel", id, 1)
	require.NoError(t, s.Outreach.Client.CancelWorkflow(context.Background(), workflows.EnrollmentWorkflowID("x-cancel", id), ""))
	s.eventually("x-cancel", "disenrolled", func(c counts) bool { return c.Disenrolled == 1 })
	require.Empty(t, s.errors("--campaign", "x-cancel"))
	require.Error(t, s.Outreach.Client.GetWorkflow(context.Background(), workflows.EnrollmentWorkflowID("x-cancel", id), "").Get(context.Background(), nil))
	s.record("first_try_cancelled_while_parked", workflows.EnrollmentWorkflowID("x-cancel", id))
}
