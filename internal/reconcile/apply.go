package reconcile

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"relance/internal/campaign"
)

// Apply repairs what a look has found, and marks in the report what is repaired.
// Each enrollment is compared once more under its row's lock, so a repair that is
// repeated, or that runs beside workers, does no harm.
//
// Uncertain messages come first: should this be interrupted, what it has not
// repaired still shows that PostgreSQL is the older one, and the next call goes
// on. Numbers come second, because repairs take new ones.
func (c *Comparison) Apply(ctx context.Context, report *Report) error {
	if len(report.Differences) == 0 {
		return nil
	}
	if err := c.mayRepair(ctx, report); err != nil {
		return err
	}
	stop, err := c.Temporal.Answer()
	if err != nil {
		return err
	}
	defer stop()
	var done atomic.Int64
	var asked atomic.Bool
	for _, now := range []func(Kind) bool{
		func(kind Kind) bool { return kind == Uncertain },
		func(kind Kind) bool { return kind == Numbers },
		func(kind Kind) bool { return kind != Uncertain && kind != Numbers },
	} {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(concurrency / 2) // each holds a connection of the pool
		for _, difference := range report.Differences {
			if difference.Left != "" || !now(difference.Kind) {
				continue
			}
			group.Go(func() error {
				asks, err := c.repair(ctx, difference, report.Window)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if difference.Repaired = err == nil; err != nil { // one that cannot be repaired does not keep the others waiting
					difference.Left = strings.Join(strings.Fields(err.Error()), " ")
				}
				if asks {
					asked.Store(true)
				}
				if c.Progress != nil {
					c.Progress(int(done.Add(1)))
				}
				return nil
			})
		}
		err := group.Wait()
		if report.Asked = asked.Load(); err != nil {
			return err
		}
	}
	return nil
}

// repair repairs one difference. PostgreSQL is written first; should this end before
// the workflow is signalled, the next comparison finds the same again.
func (c *Comparison) repair(ctx context.Context, difference *Difference, window Window) (asked bool, err error) {
	if difference.Kind == Numbers {
		return false, c.Ledger.RaiseNumbers(ctx, difference.numbers)
	}
	var action Action
	var enrollment int64
	err = c.Ledger.Repair(ctx, difference.EnrollmentKey, difference.lost, func(record campaign.Record) (campaign.Repair, error) {
		enrollment = record.EnrollmentID
		action, err = c.decide(ctx, difference, record, window)
		if err == nil && action.Left != "" {
			err = errors.New(action.Left)
		}
		return action.Repair, err
	})
	if err != nil {
		return false, err
	}
	asked = action.Repair.Outbox != nil
	if err := c.signal(ctx, difference.EnrollmentKey, action); err != nil {
		return asked, err
	}
	return asked, c.Ledger.Reopened(ctx, enrollment)
}

// decide compares once more, under the row's lock.
func (c *Comparison) decide(ctx context.Context, difference *Difference, record campaign.Record, window Window) (Action, error) {
	found := []look{{key: difference.EnrollmentKey, record: &record}}
	if err := c.ask(ctx, window, found); err != nil {
		return Action{}, err
	}
	one := &found[0]
	if one.err != nil {
		return Action{}, one.err
	}
	adopts := difference.lost != nil
	if adopts && one.run == nil {
		return Action{}, errors.New("its workflow is gone meanwhile")
	}
	switch kind := compare(&record, one.run); {
	case one.run == nil:
	case adopts, kind == Behind, kind == Parked, kind == Missing:
		var err error
		if one.receipts, err = c.Temporal.Receipts(ctx, *one.run); err != nil {
			return Action{}, err
		}
	}
	if adopts {
		return planAdopted(record, *one.run, one.receipts, window, time.Now()), nil
	}
	return one.plan(window), nil
}

// signal starts or signals the workflow, as the action says.
func (c *Comparison) signal(ctx context.Context, key campaign.EnrollmentKey, action Action) error {
	if action.Restart != nil {
		if err := c.Temporal.Restart(ctx, *action.Restart); err != nil {
			return err
		}
	}
	target := campaign.Target{CampaignKey: key.CampaignKey, ContactID: key.ContactID, RunID: action.Run}
	switch action.Signal {
	case "disenroll":
		return c.Temporal.Disenroll(ctx, target, "ended already; PostgreSQL says so", campaign.Reconciler)
	case "unpause":
		return c.Temporal.Unpause(ctx, target)
	}
	return nil
}
