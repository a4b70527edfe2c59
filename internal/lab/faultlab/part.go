package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// part is one process of the system. One that ends without having been killed is
// started again, as a supervisor would, and counted.
type part struct {
	name    string
	program string
	args    []string
	env     []string
	log     string // the file that takes what it says
	isRole  bool   // it says "ready" and reads commands
	health  string // of a worker: the address of its /healthz
	fell    func(name string)

	mu      sync.Mutex
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	exited  chan struct{}
	wanted  bool
	stopped bool
}

// start starts the process and waits until a role is ready.
func (p *part) start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(p.log), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.program, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the lab's
	ready := make(chan bool, 1)
	if p.isRole {
		cmd.Stdout = &watcher{log: log, ready: ready}
		if p.stdin, err = cmd.StdinPipe(); err != nil {
			return err
		}
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	exited := make(chan struct{})
	p.cmd, p.exited, p.wanted = cmd, exited, true
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(exited)
		p.mu.Lock()
		unwanted := p.wanted && p.cmd == cmd
		p.mu.Unlock()
		if unwanted && ctx.Err() == nil {
			p.fell(p.name)
			_ = p.startUntilUp(ctx)
		}
	}()
	if !p.isRole {
		return nil
	}
	select {
	case <-ready:
		return nil
	case <-exited:
		p.wanted = false
		return fmt.Errorf("%s ended at once; see %s", p.name, p.log)
	case <-time.After(2 * time.Minute):
		p.wanted = false
		_ = cmd.Process.Kill()
		return fmt.Errorf("%s is not ready after two minutes; see %s", p.name, p.log)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startUntilUp is for the middle of a run, when what a part needs may be away.
func (p *part) startUntilUp(ctx context.Context) error {
	for {
		err := p.start(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if !pause(ctx, 500*time.Millisecond) {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// kill is kill -9, and waits for the end.
func (p *part) kill() {
	p.mu.Lock()
	p.wanted = false
	cmd, exited := p.cmd, p.exited
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-exited
}

// stop is SIGTERM, and waits for the end; any other end than a good one is an error.
func (p *part) stop() error {
	p.mu.Lock()
	p.wanted = false
	cmd, exited := p.cmd, p.exited
	p.mu.Unlock()
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	<-exited
	if !cmd.ProcessState.Success() {
		return fmt.Errorf("%s was stopped by SIGTERM, and ended with %s; see %s", p.name, cmd.ProcessState, p.log)
	}
	return nil
}

// healthy asks a worker whether it serves.
func (p *part) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.health+"/healthz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // its status says it all
	return answer.StatusCode == http.StatusOK
}

func (p *part) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = sig == syscall.SIGSTOP
	_ = p.cmd.Process.Signal(sig) // it may have ended already
}

// send gives a role a command; one that is away at the moment misses it.
func (p *part) send(command string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.stdin, command+"\n")
}

// watcher copies to the log and looks for the first line "ready".
type watcher struct {
	log   *os.File
	ready chan bool
	text  bytes.Buffer
}

func (w *watcher) Write(text []byte) (int, error) {
	if w.text.Len() < 4096 {
		w.text.Write(text)
		for lines := bufio.NewScanner(bytes.NewReader(w.text.Bytes())); lines.Scan(); {
			if lines.Text() == "ready" {
				select {
				case w.ready <- true:
				default:
				}
			}
		}
	}
	return len(text), nil
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-time.After(length):
		return true
	case <-ctx.Done():
		return false
	}
}
