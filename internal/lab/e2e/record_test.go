package e2e

import "relance/internal/devstack/temporal/histories"

// record saves the history of a workflow for the replay test, when that is asked for.
func (s *system) record(scenario, workflowID string) {
	s.t.Helper()
	histories.Record(s.t, s.Outreach.Client, scenario, workflowID, "")
}
