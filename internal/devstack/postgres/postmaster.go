package postgres

import (
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

// tick is how often something is looked at that cannot announce itself.
const tick = 20 * time.Millisecond

// postmaster is a running server process: our child, or an orphan of an
// earlier process that was killed.
type postmaster struct {
	pid    int
	port   int
	exited <-chan struct{} // closed when our child has ended; nil for an orphan
}

// running finds the postmaster of a data directory, nil when there is none.
func running(ctx context.Context, dataDir string) (*postmaster, error) {
	pidFile := filepath.Join(dataDir, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// Lines: pid, data directory, start time, port, socket directory, address,
	// shared memory; the later ones are not there yet while it starts.
	lines := append(strings.Split(string(text), "\n"), make([]string, 8)...)
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return nil, os.Remove(pidFile) // cut off while being written
	}
	if !alive(pid) || !serves(pid, dataDir) {
		return nil, removeStale(ctx, pidFile, lines[6])
	}
	found := &postmaster{pid: pid}
	found.port, _ = strconv.Atoi(lines[3]) // 0, hence not adopted, when it is not there
	return found, nil
}

// alive is false for a zombie: a killed server may have nobody to wait for it.
func alive(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true // no /proc here
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// serves tells whether the process was started for this data directory.
func serves(pid int, dataDir string) bool {
	if line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.Contains(string(line), dataDir)
	}
	line, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.Contains(string(line), dataDir)
}

// stop shuts down fast: sessions are ended, everything committed is kept. When
// ctx ends first it shuts down at once, which costs a recovery at next start.
func (p *postmaster) stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGINT); err != nil {
		return err
	}
	if p.wait(ctx) == nil {
		return nil
	}
	if err := p.signal(syscall.SIGQUIT); err != nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := p.wait(last); err != nil {
		return fmt.Errorf("PostgreSQL (process %d) does not end: %w", p.pid, err)
	}
	return nil
}

func (p *postmaster) signal(sig syscall.Signal) error {
	if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop PostgreSQL (process %d): %w", p.pid, err)
	}
	return nil
}

func (p *postmaster) wait(ctx context.Context) error {
	if p.exited != nil {
		select {
		case <-p.exited:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for alive(p.pid) {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
