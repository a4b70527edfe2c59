package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/workflow/v1"

	"relance/workflows"
)

// kept is what the server keeps of one workflow.
type kept struct{ transitions, events, bytes float64 }

func (s *rig) kept(ctx context.Context, workflowID string) (kept, error) {
	described, err := s.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return kept{}, err
	}
	var info *workflow.WorkflowExecutionInfo = described.GetWorkflowExecutionInfo()
	return kept{float64(info.GetStateTransitionCount()), float64(info.GetHistoryLength()), float64(info.GetHistorySizeBytes())}, nil
}

// measureCost counts; it has no floor but the design's own numbers.
func measureCost(ctx context.Context, s *rig) ([]result, error) {
	sender, err := s.account(ctx, "cost", "inbox")
	if err != nil {
		return nil, err
	}
	one, err := s.costOf(ctx, func() (string, int64, error) {
		return s.alone(ctx, sender, email("intro"))
	})
	if err != nil {
		return nil, err
	}
	two, err := s.costOf(ctx, func() (string, int64, error) {
		return s.alone(ctx, sender, email("intro"), pause("wait", time.Second), email("follow-up"))
	})
	if err != nil {
		return nil, err
	}
	var parked kept
	fixed, err := s.costOf(ctx, func() (string, int64, error) {
		key, id, err := s.alone(ctx, "", email("intro"))
		if err == nil {
			parked, err = s.resting(ctx, workflows.EnrollmentWorkflowID(key, id))
		}
		if err == nil {
			err = s.fixSender(ctx, key, sender)
		}
		return key, id, err
	})
	return []result{
		{Of: "one email", Unit: "state transitions", Ours: one.transitions, Goal: atMost(2)},
		{Of: "one email", Unit: "events", Ours: one.events, Goal: atMost(6)},
		{Of: "one more wait and email", Unit: "state transitions more", Ours: two.transitions - one.transitions, Goal: atMost(3)},
		{Of: "one park and resume", Unit: "state transitions more", Ours: fixed.transitions - one.transitions, Goal: atMost(6)},
		{Of: "of which the resume", Unit: "state transitions", Ours: fixed.transitions - parked.transitions, Goal: atMost(3)},
	}, err
}

// costOf is what an enrollment has cost when it has ended.
func (s *rig) costOf(ctx context.Context, enroll func() (string, int64, error)) (kept, error) {
	var key string
	var id int64
	err := s.counter.after(ctx, finished+workflows.EnrollmentType, 1, func() (err error) {
		key, id, err = enroll()
		return err
	})
	if err != nil {
		return kept{}, err
	}
	workflowID := workflows.EnrollmentWorkflowID(key, id)
	if err := s.client.GetWorkflow(ctx, workflowID, "").Get(ctx, nil); err != nil {
		return kept{}, err
	}
	return s.kept(ctx, workflowID)
}

// alone enrolls one contact in a campaign of its own.
func (s *rig) alone(ctx context.Context, sender string, steps ...step) (string, int64, error) {
	key, ids, err := s.crowd(ctx, 1, sender, steps...)
	if err != nil {
		return "", 0, err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return "", 0, err
	}
	if sender == "" {
		err = s.awaitParked(ctx, key, 1)
	}
	return key, ids[0], err
}

// measureHistory compares what is kept of those that are parked: of some, since
// the numbers of their shards and processes are of different lengths.
func measureHistory(ctx context.Context, s *rig) ([]result, error) {
	const some = 16
	key, contacts, err := s.crowd(ctx, some, "", email("intro"))
	if err != nil {
		return nil, err
	}
	if err := s.enroll(ctx, key, contacts); err != nil {
		return nil, err
	}
	if err := s.awaitParked(ctx, key, some); err != nil {
		return nil, err
	}
	bare, err := s.startBare(ctx, bareParked, some, 1)
	if err != nil {
		return nil, err
	}
	var ours, floor []float64
	for i := range some {
		our, err := s.resting(ctx, workflows.EnrollmentWorkflowID(key, contacts[i]))
		if err != nil {
			return nil, err
		}
		its, err := s.resting(ctx, bare[i])
		if err != nil {
			return nil, err
		}
		ours, floor = append(ours, our.bytes), append(floor, its.bytes)
	}
	return []result{{
		Unit: "bytes", Ours: mean(ours), Floor: mean(floor), Goal: atMost(1.8), Spread: spread(ours), Note: fmt.Sprintf("the mean of %d", some),
	}}, nil
}

// resting waits until a workflow has nothing under way, and says what is kept of it.
func (s *rig) resting(ctx context.Context, workflowID string) (kept, error) {
	err := poll(ctx, func() (bool, error) {
		described, err := s.client.DescribeWorkflowExecution(ctx, workflowID, "")
		if err != nil {
			return false, err
		}
		// Started, a task, an activity, a task: less is only the beginning.
		return described.GetPendingWorkflowTask() == nil && len(described.GetPendingActivities()) == 0 &&
			described.GetWorkflowExecutionInfo().GetHistoryLength() >= 10, nil
	})
	if err != nil {
		return kept{}, err
	}
	return s.kept(ctx, workflowID)
}
