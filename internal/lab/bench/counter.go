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

// counter counts what the workers have done, ours and the bare one in the same
// way: workflows begun and finished, by type.
type counter struct {
	interceptor.InterceptorBase
	out     io.Writer // where a worker prints what it counts; nil in the process that counts
	mu      sync.Mutex
	counts  map[string]int
	changed chan struct{}
}

func newCounter() *counter { return &counter{counts: map[string]int{}, changed: make(chan struct{})} }

const (
	begun    = "begun "
	finished = "finished "
)

func (c *counter) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out != nil {
		fmt.Fprintln(c.out, what)
		return
	}
	c.counts[what]++
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *counter) count(what string) (int, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[what], c.changed
}

// stuck is how long nothing may happen before a measurement is given up.
const stuck = 2 * time.Minute

// await returns when the count has come to want.
func (c *counter) await(ctx context.Context, what string, want int) error {
	for {
		have, changed := c.count(what)
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
func (c *counter) after(ctx context.Context, what string, more int, work func() error) error {
	before, _ := c.count(what)
	if err := work(); err != nil {
		return err
	}
	return c.await(ctx, what, before+more)
}

// InterceptWorkflow counts every workflow of the workers that share this counter.
func (c *counter) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &countingInbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, counter: c}
}

type countingInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	counter *counter
}

func (c *countingInbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	name := workflow.GetInfo(ctx).WorkflowType.Name
	if !workflow.IsReplaying(ctx) {
		c.counter.add(begun + name)
	}
	out, err := c.Next.ExecuteWorkflow(ctx, in)
	if !workflow.IsReplaying(ctx) {
		c.counter.add(finished + name)
	}
	return out, err
}
