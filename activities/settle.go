package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"relance/internal/campaign"
)

// nextTry is when the server would like to be asked again (greylisting,
// Retry-After), but not later than the enrollment's own longest interval.
func (d delivering) nextTry(ctx context.Context, wanted time.Duration) time.Duration {
	if longest := d.retry(ctx).Max; longest > 0 {
		return min(wanted, longest)
	}
	return wanted
}

// settleAfterStop is for how long an answer is still written down when the worker stops: well
// within the time that a worker is given to stop.
const settleAfterStop = time.Minute

// settle writes down what is known for as long as the activity lives, and for a while when its
// worker stops: the answer of a server is never thrown away because the database was away.
func (d delivering) settle(ctx context.Context, write func(context.Context) error) error {
	deadline, stop := activity.GetInfo(ctx).Deadline, activity.GetWorkerStopChannel(ctx)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			return write(ctx)
		}()
		if err == nil || errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrLate) || errors.Is(err, campaign.ErrEdited) || errors.Is(err, campaign.ErrUnstorable) || time.Now().Add(pause).After(deadline) {
			return err
		}
		activity.GetLogger(ctx).Warn("what the server answered cannot be written down yet",
			"campaign", d.attempt.CampaignKey, "contactId", d.attempt.ContactID, "step", d.attempt.StepID, "error", err)
		select {
		case <-time.After(pause):
		case <-stop:
			stop = nil
			if last := time.Now().Add(settleAfterStop); last.Before(deadline) {
				deadline = last
			}
		}
	}
}

// unkept replaces words that the database cannot keep.
const unkept = "(what the server answered cannot be written down)"

// settleWords settles with the server's words, and without them where it is the words
// that the database cannot keep: what they mean is known all the same.
func (d delivering) settleWords(ctx context.Context, words string, write func(ctx context.Context, words string) error) error {
	err := d.settle(ctx, func(ctx context.Context) error { return write(ctx, words) })
	if errors.Is(err, campaign.ErrUnstorable) {
		err = d.settle(ctx, func(ctx context.Context) error { return write(ctx, unkept) })
	}
	return err
}
