package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"

	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
)

// The workers are processes of their own, as they are in production: this program
// once more, in a role. Each prints what its counter counts on its standard output,
// and ends with its standard input.
const (
	roleFlag    = "-role"
	roleOurs    = "ours"
	roleBare    = "bare"
	roleProfile = "RELANCE_BENCH_PROFILE"

	ledgerOff = "ledger off"
	ledgerOn  = "ledger on"
)

func playRole(name string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	signal.Ignore(os.Interrupt) // it is the parent's
	if file := os.Getenv(roleProfile); file != "" {
		out, err := os.Create(file)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if name == roleGiver {
		configured, err := settings.Read(os.LookupEnv)
		if err != nil {
			return err
		}
		return playGiver(ctx, configured.DatabaseURL, configured.SecretKey)
	}
	events := newCounter()
	events.out = os.Stdout
	connection, namespace, err := dial(ctx, events, os.LookupEnv)
	if err != nil {
		return err
	}
	defer connection.Close()
	if name == roleBare {
		w := newBareWorker(connection)
		if err := w.Start(); err != nil {
			return err
		}
		defer w.Stop()
		events.add(ready)
		listen(ctx, func(command string) {
			var n, concurrency int
			if _, err := fmt.Sscan(command, &n, &concurrency); err != nil {
				fmt.Fprintln(os.Stderr, "the bare worker does not know the command:", command)
				return
			}
			if err := startEager(ctx, connection, n, concurrency); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		})
		return nil
	}
	return playOurs(ctx, events, connection, namespace)
}

const ready = "ready"

func playOurs(ctx context.Context, events *counter, connection client.Client, namespace string) error {
	configured, err := settings.Read(os.LookupEnv)
	if err != nil {
		return err
	}
	database, err := store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
	if err != nil {
		return err
	}
	defer database.Close()
	ours := engine.New(engine.Options{Store: database, Client: connection, Namespace: namespace, Settings: configured, StopTimeout: 20 * time.Second})
	ledger := &optionalLedger{Ledger: ours.Activities.Emails.Ledger}
	ours.Activities.Emails.Ledger = ledger
	if err := ours.Start(); err != nil {
		return err
	}
	defer ours.Stop()
	events.add(ready)
	listen(ctx, func(command string) {
		ledger.off.Store(command == ledgerOff)
		events.add(command)
	})
	return nil
}

// listen reads the parent's commands until its input ends.
func listen(ctx context.Context, on func(string)) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	for {
		select {
		case line, open := <-lines:
			if !open {
				return
			}
			on(line)
		case <-ctx.Done():
			return
		}
	}
}

// dial connects to Temporal with a counter as interceptor.
func dial(ctx context.Context, events *counter, lookup settings.Lookup) (client.Client, string, error) {
	options, err := temporalio.Options(lookup)
	if err != nil {
		return nil, "", err
	}
	options.Interceptors = []interceptor.ClientInterceptor{events}
	options.Logger = log.NewStructuredLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	connection, err := temporalio.Dial(ctx, options)
	return connection, options.Namespace, err
}

// actor is a worker in its process.
type actor struct {
	command *exec.Cmd
	input   io.WriteCloser
	heard   sync.WaitGroup
}

// withoutOurs does work while our worker is away.
func (s *rig) withoutOurs(ctx context.Context, work func() error) (err error) {
	s.ours.stop()
	s.ours = nil
	defer func() {
		ours, startErr := s.startActor(ctx, roleOurs)
		s.ours, err = ours, errors.Join(err, startErr)
	}()
	return work()
}

// startActor starts a role, and returns when its worker takes work.
func (s *rig) startActor(ctx context.Context, role string) (*actor, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	a := &actor{command: exec.CommandContext(context.WithoutCancel(ctx), self, roleFlag, role)}
	a.command.Env = append(os.Environ(), secretKey+"="+s.secretKey())
	for name, value := range s.stack.Env() {
		a.command.Env = append(a.command.Env, name+"="+value)
	}
	if s.profile != "" && role == roleOurs {
		a.command.Env = append(a.command.Env, roleProfile+"="+s.profile+".worker")
	}
	var errs strings.Builder
	a.command.Stderr = &errs
	output, err := a.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if a.input, err = a.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := a.command.Start(); err != nil {
		return nil, err
	}
	err = s.counter.after(ctx, ready, 1, func() error {
		a.heard.Go(func() {
			for scanner := bufio.NewScanner(output); scanner.Scan(); {
				s.counter.add(scanner.Text())
			}
		})
		return nil
	})
	if err != nil {
		a.stop()
		return nil, fmt.Errorf("the worker %q does not serve: %w %s", role, err, errs.String())
	}
	return a, nil
}

// stop of one that did not start does nothing.
func (a *actor) stop() {
	if a == nil {
		return
	}
	_ = a.input.Close() // it may have ended
	a.heard.Wait()
	_ = a.command.Wait() // as it likes
}
