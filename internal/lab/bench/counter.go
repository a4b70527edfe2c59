package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
)

// tally counts what the workers have done, ours and the bare one in the same
// way: workflows begun and finished, by type.
type tally struct {
	interceptor.InterceptorBase
	out     io.Writer // where a worker tells what it counts; nil for the one who is told
	mu      sync.Mutex
	counts  map[string]int
	changed chan struct{}
}

func newTally() *tally { return &tally{counts: map[string]int{}, changed: make(chan struct{})} }

const (
	begun    = "begun "
	finished = "finished "
)

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.out != nil {
		fmt.Fprintln(t.out, what)
		return
	}
	t.counts[what]++
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *tally) count(what string) (int, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts[what], t.changed
}

// stuck is how long nothing may happen before a measurement is given up.
const stuck = 2 * time.Minute

// await returns when the count has come to want.
func (t *tally) await(ctx context.Context, what string, want int) error {
	for {
		have, changed := t.count(what)
		if have >= want {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(stuck):
			return fmt.Errorf("%s: %d of %d after a long silence", what, have, want)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// after runs work and waits until so many more of something have happened.
func (t *tally) after(ctx context.Context, what string, more int, work func() error) error {
	before, _ := t.count(what)
	if err := work(); err != nil {
		return err
	}
	return t.await(ctx, what, before+more)
}

// InterceptWorkflow sees every workflow of the workers that share this tally.
func (t *tally) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &countingInbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, tally: t}
}

type countingInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	tally *tally
}

func (c *countingInbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	name := workflow.GetInfo(ctx).WorkflowType.Name
	if !workflow.IsReplaying(ctx) {
		c.tally.add(begun + name)
	}
	out, err := c.Next.ExecuteWorkflow(ctx, in)
	if !workflow.IsReplaying(ctx) {
		c.tally.add(finished + name)
	}
	return out, err
}
