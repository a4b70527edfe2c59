package pgtest

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"

	"relance/internal/devstack/postgres"
)

// script waits for the end of its input, which comes when the test process is
// gone, however it went: then it ends the server and removes the directory.
const script = `
read -r _
home=$1
if [ -f "$1/$2" ]; then home=$(head -n 1 "$1/$2"); fi
tries=0
while [ $tries -lt 100 ] && { [ -e "$home/data/postmaster.pid" ] || [ -e "$1" ] || [ -e "$home" ]; }; do
	pid=$(head -n 1 "$home/data/postmaster.pid" 2>/dev/null)
	if [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null; then sleep 0.1; fi
	if [ ! -e "$home/data/postmaster.pid" ] || [ $tries -gt 50 ]; then rm -rf "$1" "$home"; fi
	tries=$((tries + 1))
	[ -e "$1" ] && sleep 0.1
done
`

// watcher is the shell that runs the script.
type watcher struct {
	cmd   *exec.Cmd
	alive io.WriteCloser // open as long as this process lives; no child inherits it
}

// watch guards dir. It is started before the server, so there is no moment in
// which a kill leaves a postmaster behind.
func watch(dir string) (*watcher, error) {
	// No context: the watcher has to outlive everything that could cancel one.
	cmd := exec.Command("/bin/sh", "-c", script, "sh", dir, postgres.LocationFile)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C is for the tests
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch over the test server: %w", err)
	}
	return &watcher{cmd: cmd, alive: alive}, nil
}

// finish lets the watcher clean up and waits for it.
func (w *watcher) finish() {
	_ = w.alive.Close()
	_ = w.cmd.Wait() // it ends with the status of its last test, which means nothing
}
