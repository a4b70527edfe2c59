package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
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

// upgradesLater is true of a run that begins with a worker of an older commit and uses, after it
// is gone, what that one does not know: docs/production.md, Upgrades.
func (o options) upgradesLater() bool {
	return o.previous != "" && len(o.lanes.that(isPaced))+len(o.lanes.that(isEdited)) > 0
}

// olderServes is the share of such a run in which both serve.
const olderServes = 3

// awaitUpgrade waits until every worker knows paces and edits; false when the run ends before.
func (l *lab) awaitUpgrade(ctx context.Context) bool {
	select {
	case <-l.upgraded:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *lab) isUpgraded() bool {
	select {
	case <-l.upgraded:
		return true
	default:
		return false
	}
}

// upgrade stops the older worker gently, starts this release's in its place, and then gives
// senders their paces, and campaigns their several senders.
func (l *lab) upgrade(ctx context.Context) error {
	older := l.workers[len(l.workers)-1]
	l.say("upgrade: %s stops, and this release's takes its place", older.name)
	done := l.note(gentleStop, older.name)
	err := older.stop()
	older.program = l.worker
	err = errors.Join(err, older.startUntilUp(ctx))
	done()
	if !l.until(ctx, time.Minute, func() bool { return older.healthy(ctx) }) {
		return errors.Join(err, ctx.Err())
	}
	o := &operator{lab: l}
	for _, one := range l.lanes.that(isPaced) {
		if one.more > 0 {
			o.edit(ctx, one, func(*edition) {})
		}
		for _, address := range one.senders() {
			o.setPace(ctx, address, atAnyTime)
		}
	}
	if o.failed {
		err = errors.Join(err, errors.New("a sender cannot be given its pace"))
	}
	l.upgradedAt = time.Now()
	close(l.upgraded)
	l.say("upgrade: done")
	return err
}
