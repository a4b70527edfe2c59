package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// FirstTries bounds what first tries may cost the workflow tasks that they run in, and
// the worker. A first try is a local activity: it holds its workflow task for as long as
// it lives, and a worker has a few hundred of those. So what is slow before the message
// may have been accepted is left to an ordinary activity. From the gate on nothing is
// left to anybody: the answer is waited for (laws 1 and 4), and the SDK keeps the
// workflow task alive with heartbeats.
//
// The zero value and nil bound only the time.
type FirstTries struct {
	// Slots is how many first tries are under way at once; nil is no limit.
	Slots chan struct{}
	// Patience is how long a first try may take to reach the gate; 0 is FirstTryPatience.
	// It may wait half as long for a slot before.
	Patience time.Duration

	mu   sync.Mutex
	slow map[string]time.Time // until when the first tries of a sender are left out
}

// FirstTryPatience is the usual one. With the wait for a slot it is well under the ten
// seconds of a workflow task.
const FirstTryPatience = 4 * time.Second

func (f *FirstTries) patience() time.Duration {
	if f == nil || f.Patience == 0 {
		return FirstTryPatience
	}
	return f.Patience
}

// slowFor is how long a sender that was slow is left to ordinary activities at once.
const slowFor = 30 * time.Second

// errSlow ends a first try that has not reached the gate in time.
var errSlow = errors.New("the first try took too long before the message was under way")

// errLookAgain is the cause of a retry at once: the facts have changed under the attempt.
var errLookAgain = errors.New("the facts have changed")

// try does the first try of a step: Done, Waiting, Paused and Ended as deliver has them,
// NeedsActivity when an ordinary activity has to go on at once, and as its only error
// a retryable SendingFailed. A park is no error here, though recorded: the ordinary
// activity returns it, because the Web UI shows the failure of that one and no
// other's.
func (f *FirstTries) try(ctx context.Context, d delivering) (Result, error) {
	result, err := f.tried(ctx, d)
	if result.Outcome == Done {
		result.StepID, result.Visit = d.attempt.StepID, d.attempt.Visit
	}
	if result.Visit == 1 {
		result.Visit = 0 // it is left out
	}
	return result, err
}

func (f *FirstTries) tried(ctx context.Context, d delivering) (Result, error) {
	release, ok := f.slot(ctx)
	if !ok {
		return Result{Outcome: NeedsActivity}, nil
	}
	defer release()
	bounded, pass, stop := f.untilGate(ctx)
	defer stop()
	d.isFirst, d.first, d.pass = true, f, pass
	result, err := d.deliver(bounded)
	_, parked := failure.ParkedFrom(err)
	slow := errors.Is(err, errSlow) || errors.Is(err, context.Canceled) && errors.Is(context.Cause(bounded), errSlow)
	settledByAnother := errors.Is(err, errLookAgain) || errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrLate) || errors.Is(err, campaign.ErrEdited)
	if parked || slow || settledByAnother {
		return Result{Outcome: NeedsActivity}, nil
	}
	return result, err
}

// slot takes one of the slots; false when none was free in time.
func (f *FirstTries) slot(ctx context.Context) (release func(), ok bool) {
	if f == nil || f.Slots == nil {
		return func() {}, true
	}
	timer := time.NewTimer(f.patience() / 2)
	defer timer.Stop()
	select {
	case f.Slots <- struct{}{}:
		return func() { <-f.Slots }, true
	case <-timer.C:
	case <-ctx.Done():
	case <-activity.GetWorkerStopChannel(ctx):
	}
	return nil, false
}

// isSlow says whether this sender was slow a moment ago.
func (f *FirstTries) isSlow(sender string) bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	until, ok := f.slow[sender]
	if ok && time.Now().After(until) {
		delete(f.slow, sender)
		ok = false
	}
	return ok
}

func (f *FirstTries) wasSlow(sender string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.slow == nil {
		f.slow = map[string]time.Time{}
	}
	f.slow[sender] = time.Now().Add(slowFor)
}

// untilGate bounds what leads to the gate: the context ends with errSlow when the gate
// has not been passed in time. Pass is for the gate: false when it comes too late, and
// then the message is not to be sent.
func (f *FirstTries) untilGate(ctx context.Context) (bounded context.Context, pass func() bool, stop func()) {
	bounded, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(f.patience(), func() { cancel(errSlow) })
	return bounded, timer.Stop, func() { timer.Stop(); cancel(nil) }
}

// failedTry is the failure of a first try as the attempt that goes on from it has it.
func failedTry(failed *failure.FailedTry) error {
	return failure.RetryOf(failure.Problem{Detail: failed.Detail, Words: failed.Words}, failed.RetryAfter, nil)
}
