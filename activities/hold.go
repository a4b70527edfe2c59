package activities

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// hold records what check finds under locks. Again: it is gone, look again.
func (d delivering) hold(ctx context.Context, check campaign.Check) (_ Result, again bool, _ error) {
	held, err := d.ledger.Hold(ctx, d.attempt, check)
	if err == nil && held == (campaign.Held{}) {
		return Result{}, true, nil
	}
	result, err := holdResult(held, err)
	result.Tried = d.tried(ctx, result)
	return result, false, err
}

// inLine is a check that finds at least a place in the line: a claim or a gate without a
// turn says more than a look without locks. Attempts that looked again and again until the
// two agreed would use up the step's retry, and waiting is no error (law 7).
func inLine(check campaign.Check) campaign.Check {
	return func(facts campaign.Facts) campaign.Finding {
		finding := check(facts)
		if finding.Clear() && facts.Timed() {
			place := facts.Place()
			finding.Place = &place
		}
		return finding
	}
}

// byTemporalsClock has a wait last by the workflow's timer for as long as by PostgreSQL's clock. With
// that one behind, the timer would be over before the wait, and the step tried again and again without a pause.
func (d delivering) byTemporalsClock(result Result, now time.Time) Result {
	if ahead := d.attempt.Clock.Sub(now); result.Outcome == Waiting && ahead > 0 {
		result.Until = result.Until.Add(ahead)
	}
	return result
}

// comeAgain is a check that finds at least that the account's queue is long.
func comeAgain(check campaign.Check, retryIn time.Duration) campaign.Check {
	return func(facts campaign.Facts) campaign.Finding {
		if finding := check(facts); !finding.Clear() {
			return finding
		}
		return campaign.Finding{Until: facts.Now.Add(retryIn)}
	}
}

// maxLookWait bounds how long an attempt waits for a look at the contact's mailbox, and
// firstLookWait how long a first try does. A reader that is at work looks within that; beyond it
// the step waits in the line (law 9).
const (
	maxLookWait   = 5 * time.Second
	firstLookWait = 2 * time.Second
)

func (d delivering) lookWait() time.Duration {
	if d.isFirst {
		return firstLookWait
	}
	return maxLookWait
}

// holdResult is what an attempt says of what holds its step.
func holdResult(held campaign.Held, err error) (Result, error) {
	switch {
	case err != nil:
		return Result{}, technical(err)
	case held.Parked != nil:
		return Result{}, failure.Park(*held.Parked)
	case held.Paused:
		return Result{Outcome: Paused}, nil
	case held.InLine:
		return Result{Outcome: Queued}, nil
	case !held.Until.IsZero():
		return Result{Outcome: Waiting, Until: held.Until}, nil
	}
	// Sent, or gone on: the next look says which.
	return Result{}, failure.Retry("the step was settled by another attempt", time.Millisecond, errLookAgain)
}
