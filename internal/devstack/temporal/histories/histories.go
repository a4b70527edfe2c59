// Package histories keeps what workflows have been through in a test, for the
// replay test of workflows: a file for each scenario, named by what happened.
package histories

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
)

// Variable names the directory that takes the files; without it nothing is
// written. A file that is there is kept: the enrollments that came that way cannot be
// recorded anew. What has another history since has another name:
//
//	RELANCE_RECORD_HISTORIES=$PWD/workflows/testdata/histories go test -count=1 ./internal/lab/e2e ./internal/lab/crash
const Variable = "RELANCE_RECORD_HISTORIES"

// Record reads the history of one run, of the latest when runID is empty, and
// saves it when the variable says so.
func Record(t testing.TB, c client.Client, scenario, workflowID, runID string) *history.History {
	t.Helper()
	recorded := &history.History{}
	events := c.GetWorkflowHistory(context.Background(), workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatalf("the history of %s cannot be read: %v", workflowID, err)
		}
		recorded.Events = append(recorded.Events, event)
	}
	if dir := os.Getenv(Variable); dir != "" {
		if err := save(filepath.Join(dir, scenario+".json"), recorded); err != nil {
			t.Fatalf("the history %s cannot be saved: %v", scenario, err)
		}
	}
	return recorded
}

func save(path string, recorded *history.History) error {
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(recorded)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
