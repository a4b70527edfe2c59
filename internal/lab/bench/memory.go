package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureMemory runs the production worker as a process of its own: with work
// behind it and no contact parked, with very many parked, and once more with work.
func measureMemory(ctx context.Context, s *rig) (results []result, err error) {
	binary, err := s.buildWorker(ctx)
	if err != nil {
		return nil, err
	}
	err = s.withoutOurs(ctx, func() (err error) {
		results, err = s.memoryOf(ctx, binary)
		return err
	})
	return results, err
}

func (s *rig) buildWorker(ctx context.Context) (string, error) {
	binary := filepath.Join(s.stack.Dir, "worker")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "relance/worker").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the worker does not build (the row builds it, from the project's directory): %w: %s", err, out)
	}
	return binary, nil
}

func (s *rig) memoryOf(ctx context.Context, binary string) ([]result, error) {
	n, work := s.size(600), s.size(250)
	ctx, process, err := s.startWorker(ctx, binary)
	if err != nil {
		return nil, err
	}
	defer process.stop()
	if err := s.churn(ctx, work); err != nil {
		return nil, err
	}
	none, err := process.rss(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.park(ctx, n); err != nil {
		return nil, err
	}
	parked, err := process.rss(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.churn(ctx, work); err != nil {
		return nil, err
	}
	after, err := process.rss(ctx)
	return []result{
		{Of: "parked", Unit: "MB", Ours: parked, Floor: none, Goal: atMost(1.5), Note: fmt.Sprintf("%d parked", n)},
		{Of: "churn", Unit: "MB", Ours: after, Floor: parked, Goal: atMost(1.1), Note: fmt.Sprintf("after %d more contacts", work)},
	}, err
}

// churn takes n contacts through a campaign; the counter does not see another process.
func (s *rig) churn(ctx context.Context, n int) error {
	sender, err := s.account(ctx, "memory", "inbox")
	if err != nil {
		return err
	}
	key, ids, err := s.crowd(ctx, n, sender, email("intro"))
	if err != nil {
		return err
	}
	if err := s.enroll(ctx, key, ids); err != nil {
		return err
	}
	return s.awaitSent(ctx, n, key)
}

type workerProcess struct {
	command *exec.Cmd
	ended   chan struct{}
}

// startWorker starts the production worker beside nothing else on its queue. The context is
// over when it has ended: nothing is waited for then.
func (s *rig) startWorker(ctx context.Context, binary string) (context.Context, *workerProcess, error) {
	command := exec.CommandContext(context.WithoutCancel(ctx), binary) // it is stopped, not cut off
	command.Env = append(os.Environ(), "RELANCE_HTTP_ADDRESS=127.0.0.1:0", secretKey+"="+s.secretKey())
	for name, value := range s.stack.Env() {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Env = append(command.Env, "RELANCE_PUBLIC_ADDRESS=127.0.0.1:0") // the stack serves its own
	command.Stderr = os.Stderr                                              // why it does not serve
	if err := command.Start(); err != nil {
		return ctx, nil, err
	}
	process := &workerProcess{command, make(chan struct{})}
	ctx, over := context.WithCancelCause(ctx)
	go func() {
		defer close(process.ended)
		over(fmt.Errorf("the production worker has ended: %w", cmp.Or(command.Wait(), errors.New("without an error"))))
	}()
	return ctx, process, nil
}

func (p *workerProcess) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended
	<-p.ended
}

// rss is the resident memory in MB, when it has come to rest: the lowest of some looks.
func (p *workerProcess) rss(ctx context.Context) (float64, error) {
	lowest := 0.0
	for range 10 {
		out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(p.command.Process.Pid)).Output()
		if err != nil {
			return 0, fmt.Errorf("the worker has ended: %w", err)
		}
		kilobytes, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return 0, err
		}
		if lowest == 0 || kilobytes/1024 < lowest {
			lowest = kilobytes / 1024
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	return lowest, nil
}
