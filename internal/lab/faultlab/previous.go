package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// buildPrevious builds the worker of an older commit, to serve the task queue
// beside this one's: an upgrade is never done everywhere at once.
func (l *lab) buildPrevious(ctx context.Context) (string, error) {
	l.say("building the worker of %s", l.previous)
	sources, worker := filepath.Join(l.dir, "previous"), filepath.Join(l.dir, "previous-worker")
	if err := os.MkdirAll(sources, 0o755); err != nil {
		return "", err
	}
	const script = `set -e; cd "$(git rev-parse --show-toplevel)"; git archive "$1" | tar -x -C "$2"; cd "$2"; go build -buildvcs=false -o "$3" ./worker`
	build := exec.CommandContext(ctx, "bash", "-c", script, "bash", l.previous, sources, worker)
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("-previous %s: the worker of that commit cannot be built: %w\n%s", l.previous, err, text)
	}
	return worker, nil
}
