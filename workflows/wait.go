package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"relance/internal/campaign"
)

var zeroTime time.Time

// endOf is when a wait step is over. A wait of dates has been reckoned by the activity that
// sent the message before it: two builds may know different time zones.
func (e *enrollment) endOf(ctx workflow.Context, plan campaign.Plan) time.Time {
	if !e.WaitEnds.IsZero() {
		return e.WaitEnds
	}
	return workflow.Now(ctx).Add(plan.Wait)
}

// wait waits, durably, until a time. stepDone means: the time has come.
func (e *enrollment) wait(ctx workflow.Context, until time.Time, summary string) (stepResult, error) {
	if e.NextAt.IsZero() || e.Status != campaign.Waiting { // else it was carried over from an earlier run
		e.Status, e.NextAt = campaign.Waiting, until
	}
	e.publish(ctx, campaign.Waiting)
	duration := e.NextAt.Sub(workflow.Now(ctx))
	if duration > 0 {
		_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: duration, TimerOptions: workflow.TimerOptions{Summary: summary},
		}, func() bool { return e.disenroll != nil || e.edited })
		if err != nil {
			return stepCancelled, err
		}
	}
	switch {
	case e.disenroll != nil:
		return stepDisenrolled, nil
	case e.toFollow():
		return stepContinueAsNew, nil
	}
	return stepDone, nil
}
