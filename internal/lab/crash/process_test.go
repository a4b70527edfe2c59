package crash

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is this program in a role.
type process struct {
	cmd *exec.Cmd
	// there is closed when the process is at its point, exited when it is gone.
	there, exited chan struct{}
	said          said
}

// said is what a process wrote; it is shown when the test fails.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(text []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(text)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// worker starts a worker that dies at a point; at no point when it is empty.
func (s *stage) worker(at string) *process {
	s.t.Helper()
	return s.launch(s.env, workerRole, at, syscall.SIGKILL)
}

// launch starts a role in a process that does not outlive the test.
func (s *stage) launch(env map[string]string, role, at string, how syscall.Signal, args ...string) *process {
	s.t.Helper()
	self, err := os.Executable()
	require.NoError(s.t, err)
	p := &process{cmd: exec.Command(self, args...), there: make(chan struct{}), exited: make(chan struct{})}
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir,
		roleVariable + "=" + role, pointVariable + "=" + at, signalVariable + "=" + strconv.Itoa(int(how)),
	}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	// A group of its own: should the tests' shell end, the kernel lets the stopped processes of their group go on (setpgid(2)).
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Stderr = &p.said
	stdin, err := p.cmd.StdinPipe() // no child inherits it: it is closed when this process is gone
	require.NoError(s.t, err)
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, p.cmd.Start())
	go p.watch(stdout)
	s.t.Cleanup(func() {
		p.kill()
		_ = stdin.Close()
		if s.t.Failed() {
			s.t.Logf("the %s that was to pass %q said:\n%s", role, at, &p.said)
		}
	})
	return p
}

func (p *process) watch(stdout io.Reader) {
	arrive := sync.OnceFunc(func() { close(p.there) })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if lines.Text() == arrived {
			arrive()
		}
		_, _ = p.said.Write(append(lines.Bytes(), '\n'))
	}
	_ = p.cmd.Wait() // how it ended is in its state
	close(p.exited)
}

// kill is kill -9, and waits for the end.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended already
	<-p.exited
}

// isKilled waits for an end by SIGKILL, which has to come from the point.
func (p *process) isKilled(t *testing.T) {
	t.Helper()
	within(t, p.exited, "the process passes its point and dies")
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "it ended by itself: %s\n%s", p.cmd.ProcessState, &p.said)
}

// within waits for an event that has to come.
func within(t *testing.T, event <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(patience):
		require.Fail(t, "this has not happened: "+what)
	}
}
