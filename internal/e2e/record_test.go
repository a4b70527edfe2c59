package e2e

import (
	"context"
	"os"
	"path/filepath"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
)

// record saves the history of a workflow for the replay test when
// RELANCE_RECORD_HISTORIES names a directory:
//
//	RELANCE_RECORD_HISTORIES=$PWD/workflows/testdata/histories go test ./internal/e2e
func (s *system) record(scenario, workflowID string) {
	s.t.Helper()
	dir := os.Getenv("RELANCE_RECORD_HISTORIES")
	if dir == "" {
		return
	}
	var recorded history.History
	events := s.Outreach.Client.GetWorkflowHistory(context.Background(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(s.t, err)
		recorded.Events = append(recorded.Events, event)
	}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(&recorded)
	require.NoError(s.t, err)
	require.NoError(s.t, os.MkdirAll(dir, 0o755))
	require.NoError(s.t, os.WriteFile(filepath.Join(dir, scenario+".json"), text, 0o644))
}
