package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/batch/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"relance/workflows"
)

// measureResume fixes one cause and counts until all contacts have been signalled, and
// until all have gone on. Both sides have workers that go on with the signalled ones
// at the same time.
func measureResume(ctx context.Context, s *rig) ([]result, error) {
	n := s.size(roundSize)
	sender, err := s.account(ctx, "resume", "inbox")
	if err != nil {
		return nil, err
	}
	concurrency, err := s.bestConcurrency(ctx, func(ctx context.Context, concurrency int) (float64, error) {
		signalled, _, err := s.signalParked(ctx, n/4, func(ids []string) error { return s.signalBare(ctx, ids, concurrency) })
		return signalled, err
	})
	if err != nil {
		return nil, err
	}
	var ours, bare []float64 // until all have gone on
	raw, err := s.compare(ctx, func(ctx context.Context, _ int) (float64, error) {
		signalled, wentOn, err := s.fixAll(ctx, n, sender)
		ours = append(ours, wentOn)
		return signalled, err
	}, func(ctx context.Context, _ int) (float64, error) {
		signalled, wentOn, err := s.signalParked(ctx, n, func(ids []string) error { return s.signalBare(ctx, ids, concurrency) })
		bare = append(bare, wentOn)
		return signalled, err
	})
	if err != nil {
		return nil, err
	}
	last := ofRounds(ours, bare)
	last.Of, last.Unit, last.Goal, last.Note = "until the last mail", "contacts/s", atLeast(1.3), "bare: until the last empty activity"
	raw.Of, raw.Unit, raw.Goal, raw.Note = "bare signals", "contacts/s", atLeast(.9), fmt.Sprintf("%d a round", n)
	batched, _, err := s.signalParked(ctx, n, func(ids []string) error { return s.batchSignal(ctx, ids) })
	return []result{raw, {
		Of: "Temporal's batch", Unit: "contacts/s", Ours: raw.Ours, Floor: batched, Goal: atLeast(8), Note: "at its defaults",
	}, last}, err
}

// fixAll parks n, fixes what they wait for, and counts how many a second were
// signalled, and how many a second have sent their mail and are done.
func (s *rig) fixAll(ctx context.Context, n int, sender string) (signalled, wentOn float64, err error) {
	key, err := s.park(ctx, n)
	if err != nil {
		return 0, 0, err
	}
	if err := s.settle(ctx); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	err = s.counter.after(ctx, finished+workflows.EnrollmentType, n, func() error {
		if err := s.fixSender(ctx, key, sender); err != nil {
			return err
		}
		err := poll(ctx, func() (bool, error) {
			var open int
			err := s.db.QueryRow(ctx, `SELECT count(*) FROM outbox WHERE done_at IS NULL`).Scan(&open)
			return open == 0, err
		})
		signalled = perSecond(n, began)
		return err
	})
	wentOn = perSecond(n, began)
	s.say("  %d were signalled at %s a second, and went on at %s", n, number(signalled), number(wentOn))
	return signalled, wentOn, err
}

// signalParked parks n bare workflows and signals them: how many a second were
// signalled, and how many a second went on and are done.
func (s *rig) signalParked(ctx context.Context, n int, signal func([]string) error) (signalled, wentOn float64, err error) {
	ids, err := s.startBare(ctx, bareParked, n, 64)
	if err != nil {
		return 0, 0, err
	}
	if _, err := s.resting(ctx, ids[n-1]); err != nil {
		return 0, 0, err
	}
	if err := s.settle(ctx); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	err = s.counter.after(ctx, finished+bareParked, n, func() error {
		err := signal(ids)
		signalled = perSecond(n, began)
		return err
	})
	return signalled, perSecond(n, began), err
}

// settle waits until the task queues are empty: nothing of an earlier round is under way.
func (s *rig) settle(ctx context.Context) error {
	return poll(ctx, func() (bool, error) {
		counted, err := s.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Query: `ExecutionStatus = "Running" AND WorkflowType IN ("` + workflows.WakeContactsType + `", "` + workflows.EnrollContactsType + `", "` + bareOne + `")`,
		})
		return counted.GetCount() == 0, err
	})
}

// batchSignal has Temporal signal the workflows, and waits until it says that it has.
func (s *rig) batchSignal(ctx context.Context, ids []string) error {
	query := fmt.Sprintf("WorkflowType = %q AND ExecutionStatus = 'Running'", bareParked)
	if err := poll(ctx, func() (bool, error) { // the index lags, and the batch picks from it
		counted, err := s.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		return counted.GetCount() >= int64(len(ids)), err
	}); err != nil {
		return err
	}
	input, err := converter.GetDefaultDataConverter().ToPayloads(nil)
	if err != nil {
		return err
	}
	job := fmt.Sprintf("bench-batch-%d", bareNumber.Add(1))
	_, err = s.client.WorkflowService().StartBatchOperation(ctx, &workflowservice.StartBatchOperationRequest{
		Namespace: s.outreach.Namespace, VisibilityQuery: query, JobId: job, Reason: "bench",
		Operation: &workflowservice.StartBatchOperationRequest_SignalOperation{
			SignalOperation: &batch.BatchOperationSignal{Signal: bareResume, Input: input, Identity: "bench"},
		},
	})
	if err != nil {
		return err
	}
	return poll(ctx, func() (bool, error) {
		described, err := s.client.WorkflowService().DescribeBatchOperation(ctx, &workflowservice.DescribeBatchOperationRequest{Namespace: s.outreach.Namespace, JobId: job})
		return described.GetState() != enums.BATCH_OPERATION_STATE_RUNNING && err == nil, err
	})
}
