package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"golang.org/x/sync/errgroup"

	"relance/workflows"
)

// shape is how a step is tried: first inside the workflow task, as a local activity, and
// for whatever that leaves by an ordinary activity. What a killed worker had in hand goes
// on after the task's timeout in the one, and after the heartbeat timeout in the other: a
// run that has shaken only one of them says nothing about the other.
type shape string

const (
	firstTry shape = "first tries"
	ordinary shape = "activities"
)

var shapes = []shape{firstTry, ordinary}

// taskTimeout is Temporal's own for workflow tasks: so much later the first tries of a
// worker that is gone are given to another.
const taskTimeout = 10 * time.Second

// shapesOf reads from Temporal how the steps of recipients are being tried at this moment.
// A recipient whose step is not, or about which Temporal does not answer, is left out.
func (l *lab) shapesOf(ctx context.Context, recipients []string) map[string]shape {
	found, mutex := map[string]shape{}, sync.Mutex{}
	var group errgroup.Group
	group.SetLimit(16)
	for _, to := range slices.Compact(slices.Sorted(slices.Values(recipients))) {
		one, contact, ok := l.lanes.contactOf(to)
		if !ok {
			continue
		}
		group.Go(func() error {
			for _, key := range one.campaigns() { // it is in one of them
				if is, ok := l.shapeOf(ctx, workflows.EnrollmentWorkflowID(key, contact)); ok {
					mutex.Lock()
					found[to] = is
					mutex.Unlock()
				}
			}
			return nil
		})
	}
	_ = group.Wait() // none returns an error
	return found
}

func (l *lab) shapeOf(ctx context.Context, workflowID string) (shape, bool) {
	described, err := l.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return "", false // Temporal is away
	}
	for _, activity := range described.GetPendingActivities() {
		if activity.GetState() != enums.PENDING_ACTIVITY_STATE_SCHEDULED {
			return ordinary, true
		}
	}
	return firstTry, described.GetPendingWorkflowTask().GetState() == enums.PENDING_WORKFLOW_TASK_STATE_STARTED
}

func countShapes(of map[string]shape) map[shape]int {
	counts := map[shape]int{}
	for _, is := range of {
		counts[is]++
	}
	return counts
}
