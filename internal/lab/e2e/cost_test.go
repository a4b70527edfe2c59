package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflow/v1"

	"relance/workflows"
)

const oneEmail = `
users:
  - {key: cleo, name: Cleo, email: cleo@cost.example}
email_accounts:
  - {address: cleo@cost.example, name: Cleo, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: cleo, password: inbox}}
campaigns:
  - {key: k-cost, name: Cost, owner: cleo, sender: cleo@cost.example, steps: [{id: only, email: {subject: S, body: B}}]}
`

// What an enrollment of one email costs Temporal is part of the design: started,
// a workflow task with the first try inside, ended.
func TestOneEmailCostsSixEventsAndTwoTransitions(t *testing.T) {
	s := start(t)
	s.apply(oneEmail)
	id := s.contact("Carl", "carl@cost.example")
	s.run("enroll", "k-cost", "--contacts", fmt.Sprint(id))
	s.completes("k-cost", 1)
	enrollment, begun := workflows.EnrollmentWorkflowID("k-cost", id), workflows.EnrollContactsWorkflowID("k-cost")
	if info := s.closed(enrollment); !s.leftToAnActivity(enrollment) {
		require.EqualValues(t, 6, info.GetHistoryLength())
		require.LessOrEqual(t, info.GetStateTransitionCount(), int64(2))
	}
	// Nor does it cost much to have it started: an activity would be three more.
	require.LessOrEqual(t, s.closed(begun).GetStateTransitionCount(), int64(3))
}

// closed describes a workflow that has ended well.
func (s *system) closed(id string) *workflow.WorkflowExecutionInfo {
	s.t.Helper()
	run := s.Outreach.Client.GetWorkflow(s.t.Context(), id, "")
	require.NoError(s.t, run.Get(s.t.Context(), nil))
	description, err := s.Outreach.Client.DescribeWorkflowExecution(s.t.Context(), run.GetID(), run.GetRunID())
	require.NoError(s.t, err)
	return description.GetWorkflowExecutionInfo()
}
