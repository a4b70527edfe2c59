package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"golang.org/x/sync/errgroup"

	"relance/workflows"
)

// compareTemporal is the third record: the workflow of every enrollment stands
// where PostgreSQL says, and the list of those in error is complete (law 2).
func (v *verdict) compareTemporal(ctx context.Context, r *records) error {
	differing := r.enrollments
	for deadline := time.Now().Add(30 * time.Second); ; {
		found, err := v.different(ctx, differing)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		if time.Now().After(deadline) { // a workflow ends a moment after its row
			for e, what := range found {
				v.breach(2, e, what)
			}
			break
		}
		differing = differing[:0:0]
		for e := range found {
			differing = append(differing, e)
		}
		if !pause(ctx, time.Second) {
			return ctx.Err()
		}
	}
	return v.checkList(ctx, r)
}

func (v *verdict) different(ctx context.Context, of []enrollment) (map[enrollment]string, error) {
	found, mutex := map[enrollment]string{}, sync.Mutex{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for _, e := range of {
		group.Go(func() error {
			is, err := v.lab.workflowOf(ctx, e)
			if err != nil {
				return err
			}
			want := e.Status
			if e.Status == "InError" {
				want = fmt.Sprintf("InError in park %d", e.ParkID)
			}
			if is != want && (e.StartedAt != nil || e.Status != "Disenrolled") {
				mutex.Lock()
				defer mutex.Unlock()
				found[e] = fmt.Sprintf("PostgreSQL says %s, Temporal says %s", want, is)
			}
			return nil
		})
	}
	return found, group.Wait()
}

// workflowOf says in PostgreSQL's words where a workflow stands.
func (l *lab) workflowOf(ctx context.Context, e enrollment) (string, error) {
	id := workflows.EnrollmentWorkflowID(e.Campaign, e.ContactID)
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	described, err := l.client.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	switch {
	case errors.As(err, &missing):
		return "that it was never started", nil
	case err != nil:
		return "", err
	}
	switch status := described.GetWorkflowExecutionInfo().GetStatus(); status {
	case enums.WORKFLOW_EXECUTION_STATUS_RUNNING:
		answer, err := l.client.QueryWorkflow(ctx, id, "", workflows.EnrollmentQuery)
		if err != nil {
			return "that it does not answer: " + err.Error(), nil // that it does not answer is the finding
		}
		var state workflows.State
		if err := answer.Get(&state); err != nil {
			return "", err
		}
		if state.Park != nil {
			return fmt.Sprintf("InError in park %d", state.Park.ParkID), nil
		}
		return string(state.Status), nil
	case enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		var result workflows.EnrollmentResult
		if err := l.client.GetWorkflow(ctx, id, "").Get(ctx, &result); err != nil {
			return "", err
		}
		return string(result.Status), nil
	default:
		return status.String(), nil
	}
}

// checkList compares `starter errors` with the rows.
func (v *verdict) checkList(ctx context.Context, r *records) error {
	text, err := v.lab.must(ctx, "", "errors", "-o", "json")
	if err != nil {
		return err
	}
	var listed []struct {
		ContactID int64
		Campaign  string
		Code      string
	}
	if err := json.Unmarshal([]byte(text), &listed); err != nil {
		return err
	}
	on := map[string]bool{}
	for _, one := range listed {
		on[fmt.Sprint(one.Campaign, one.ContactID)] = one.Code != ""
	}
	for _, e := range r.enrollments {
		if inError := e.Status == "InError"; inError != on[fmt.Sprint(e.Campaign, e.ContactID)] {
			v.breach(2, e, fmt.Sprintf("is %s, and `starter errors` says otherwise", e.Status))
		}
	}
	return nil
}
