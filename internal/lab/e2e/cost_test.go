package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

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
	run := s.Outreach.Client.GetWorkflow(context.Background(), workflows.EnrollmentWorkflowID("k-cost", id), "")
	require.NoError(t, run.Get(context.Background(), nil))
	description, err := s.Outreach.Client.DescribeWorkflowExecution(context.Background(), run.GetID(), run.GetRunID())
	require.NoError(t, err)
	info := description.GetWorkflowExecutionInfo()
	require.EqualValues(t, 6, info.GetHistoryLength())
	require.LessOrEqual(t, info.GetStateTransitionCount(), int64(2))

	// Nor does it cost much to have it started: an activity would be three more.
	run = s.Outreach.Client.GetWorkflow(context.Background(), workflows.EnrollContactsWorkflowID("k-cost"), "")
	require.NoError(t, run.Get(context.Background(), nil))
	description, err = s.Outreach.Client.DescribeWorkflowExecution(context.Background(), run.GetID(), run.GetRunID())
	require.NoError(t, err)
	require.LessOrEqual(t, description.GetWorkflowExecutionInfo().GetStateTransitionCount(), int64(3))
}
