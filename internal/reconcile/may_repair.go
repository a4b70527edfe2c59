package reconcile

import (
	"context"
	"time"
)

// pollTimeout is how long one call of a worker for work stays open.
const pollTimeout = 65 * time.Second

// mayRepair refuses what would be in vain, or dangerous: workers send on a ledger
// that lacks what was sent. A worker that was stopped may be on Temporal's list for
// minutes more. One that asks for work again runs; one that has not done so for longer than
// a call lasts does not. That is measured here: this machine's clock and Temporal's
// may be minutes apart.
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
		c.Say("waiting a minute to see whether one of the workers that Temporal lists still runs")
	}
	for began := time.Now(); time.Since(began) < pollTimeout; {
		select {
		case <-time.After(c.Interval):
		case <-ctx.Done():
			return ctx.Err()
		}
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
	}
	return nil
}
