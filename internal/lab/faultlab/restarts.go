package main

import (
	"context"
	"errors"
	"time"
)

// rollingRestarts is SIGTERM, law 4's gentle side: under load the workers are
// stopped by SIGTERM and started again, one after the other. Nothing else goes
// wrong: the inbox only greylists at times, or is slow, now and then beyond the timeout
// of a workflow task. So not one delivery may be uncertain.
func (l *lab) rollingRestarts(interrupted context.Context) {
	ctx, cancel := context.WithCancel(interrupted)
	defer cancel()
	l.inbox.send("polite")
	l.together(ctx, l.enrollAll, l.watch, func(ctx context.Context) {
		defer cancel()
		if !l.underLoad(ctx) {
			return
		}
		for n := range l.restarts {
			if ctx.Err() != nil {
				return
			}
			worker := l.workers[n%len(l.workers)]
			done := l.note(gentleStop, worker.name)
			err := worker.stop()
			done()
			err = errors.Join(err, worker.startUntilUp(context.WithoutCancel(ctx)))
			l.until(ctx, time.Minute, func() bool { return worker.healthy(ctx) }) // as a rollout does, before the next one goes
			if err != nil {
				l.strange(4, err.Error())
			}
			if n%10 == 9 {
				l.say("%d rolling restarts", n+1)
			}
		}
	})
}

const gentleStop = "SIGTERM worker, and start it again"
