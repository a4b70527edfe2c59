package reconcile

import (
	"context"
	"time"
)

// mayRepair refuses what would be in vain, or dangerous: workers send on a ledger
// that lacks what was sent. A worker that was stopped is on Temporal's list for
// a minute more; that is waited for. One that asks for work again runs.
func (c *Comparison) mayRepair(ctx context.Context, report *Report) error {
	lacks, err := c.Temporal.Prepared(ctx)
	if err != nil {
		return err
	}
	if lacks != "" {
		return refusedf("%s: run `starter migrate` first", lacks)
	}
	if report.Window.Since.IsZero() {
		return nil
	}
	before, err := c.Temporal.Workers(ctx)
	if err != nil || len(before) == 0 {
		return err
	}
	if c.Say != nil {
		c.Say("waiting until the workers that were stopped are off Temporal's list, at most a minute")
	}
	for {
		now, err := c.Temporal.Workers(ctx)
		if err != nil || len(now) == 0 {
			return err
		}
		for name, at := range now {
			if first, known := before[name]; !known || at.After(first) {
				return refusedf("PostgreSQL is older than Temporal, and a worker runs (%s): it would send again what the backup does not know; "+
					"stop all workers first", name)
			}
		}
		select {
		case <-time.After(c.Interval):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
