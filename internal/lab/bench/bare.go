package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"relance/internal/engine"
)

// The floor: Temporal programs of the same shape as an enrollment that do nothing.

const (
	bareQueue   = "bare"
	bareOne     = "BareOne"
	bareEmpty   = "BareEmpty"
	bareWait    = "BareWait"
	bareParked  = "BareParked"
	bareResume  = "resume"
	stepsFailed = "StepFailed"
)

func empty(context.Context) error { return nil }

func failing(context.Context) error {
	return temporal.NewNonRetryableApplicationError(stepsFailed, stepsFailed, nil)
}

func bareActivity(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
}

// oneActivity is a campaign of one step.
func oneActivity(ctx workflow.Context) error {
	return workflow.ExecuteActivity(bareActivity(ctx), empty).Get(ctx, nil)
}

// nothing is the least that a workflow can be.
func nothing(workflow.Context) error { return nil }

// oneTimer is a campaign whose first step is a wait.
func oneTimer(ctx workflow.Context) error { return workflow.Sleep(ctx, 24*time.Hour) }

// parked fails, waits for a signal, and tries again.
func parked(ctx workflow.Context) error {
	if err := workflow.ExecuteActivity(bareActivity(ctx), failing).Get(ctx, nil); err == nil {
		return nil
	}
	workflow.GetSignalChannel(ctx, bareResume).Receive(ctx, nil)
	return workflow.ExecuteActivity(bareActivity(ctx), empty).Get(ctx, nil)
}

func newBareWorker(c client.Client) worker.Worker {
	w := worker.New(c, bareQueue, worker.Options{
		MaxConcurrentActivityExecutionSize: 200, MaxConcurrentWorkflowTaskPollers: engine.Pollers, MaxConcurrentActivityTaskPollers: engine.Pollers,
	})
	w.RegisterWorkflowWithOptions(oneActivity, workflow.RegisterOptions{Name: bareOne})
	w.RegisterWorkflowWithOptions(nothing, workflow.RegisterOptions{Name: bareEmpty})
	w.RegisterWorkflowWithOptions(oneTimer, workflow.RegisterOptions{Name: bareWait})
	w.RegisterWorkflowWithOptions(parked, workflow.RegisterOptions{Name: bareParked})
	w.RegisterActivity(empty)
	w.RegisterActivity(failing)
	return w
}

var bareNumber atomic.Int64

// startBare starts n workflows, so many at once, and returns their ids.
func (s *rig) startBare(ctx context.Context, kind string, n, concurrency int) ([]string, error) {
	ids := make([]string, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%d", strings.ToLower(kind), bareNumber.Add(1))
		group.Go(func() error {
			_, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: ids[i], TaskQueue: bareQueue}, kind)
			return err
		})
	}
	return ids, group.Wait()
}

// startEager starts n empty workflows from the process of their worker, so many at
// once: the answer to each start brings its first task along.
func startEager(ctx context.Context, c client.Client, n, concurrency int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for range n {
		group.Go(func() error {
			_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: bareQueue, EnableEagerStart: true}, bareEmpty)
			return err
		})
	}
	return group.Wait()
}

// signalBare signals workflows, so many at once.
func (s *rig) signalBare(ctx context.Context, ids []string, concurrency int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for _, id := range ids {
		group.Go(func() error { return s.client.SignalWorkflow(ctx, id, "", bareResume, nil) })
	}
	return group.Wait()
}

// bestConcurrency is how many calls at once give the floor its highest rate: each
// number has two tries, since machines are noisy.
func (s *rig) bestConcurrency(ctx context.Context, rate func(ctx context.Context, concurrency int) (float64, error)) (int, error) {
	best, fastest := 0, 0.0
	for range 2 {
		for _, concurrency := range []int{32, 64, 128} {
			found, err := rate(ctx, concurrency)
			if err != nil {
				return 0, err
			}
			if found > fastest {
				best, fastest = concurrency, found
			}
		}
	}
	s.say("  the floor is fastest with %d calls at once: %s a second", best, number(fastest))
	return best, nil
}
