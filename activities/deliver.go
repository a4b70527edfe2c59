package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Outcome is how an attempt ended that is not in error.
type Outcome string

// The four outcomes. Ended: the enrollment was ended meanwhile, nothing is to be done.
const (
	Done    Outcome = "done"
	Waiting Outcome = "waiting"
	Paused  Outcome = "paused"
	Ended   Outcome = "ended"
)

// Result is what a sending activity returns. A park is not a result but a
// typed error: see failure.Park.
type Result struct {
	Outcome Outcome `json:"outcome"`
	// Until is when a waiting enrollment tries again.
	Until time.Time `json:"until,omitzero"`
	// MessageID is that of the email that was sent, without angle brackets.
	MessageID string `json:"messageId,omitempty"`
}

// message is what email and SMS do differently.
type message struct {
	// check finds what keeps the step from being done.
	check campaign.Check
	// reserve takes a place to transmit from, until release; without one, turn is in
	// how long to come again.
	reserve func(context.Context, campaign.Facts) (release func(), turn time.Duration, err error)
	// draft makes up what the claim freezes.
	draft func(campaign.Facts) (campaign.Draft, error)
	// transmit hands the message over, passing the gate before its last byte.
	transmit func(ctx context.Context, facts campaign.Facts, delivery campaign.Delivery, gate Gate) (string, error)
	// refusal says what a definite failure means.
	refusal func(facts campaign.Facts, failed *NotAccepted) campaign.Refusal
	// doubt is the detail of an uncertain delivery.
	doubt string
}

// rounds is how often the facts may change under an attempt before it leaves
// the rest to Temporal's retry.
const rounds = 5

// deliver does one attempt of one step: look, hold or claim, transmit through
// the gate, settle. The place is taken before the claim: nobody owns a message
// that cannot be handed over yet.
func deliver(ctx context.Context, ledger Ledger, attempt campaign.Attempt, message message) (Result, error) {
	stop := keepAlive(ctx)
	defer stop()

	if attempt.Resume != nil && attempt.Resume.Assume == campaign.AssumeSent {
		if delivery, sent, err := ledger.AcceptSent(ctx, attempt, true); err != nil || sent {
			return Result{Outcome: Done, MessageID: delivery.MessageID}, technical(err)
		}
	}
	for range rounds {
		facts, err := ledger.Facts(ctx, attempt)
		if err != nil {
			return Result{}, technical(err)
		}
		if facts.Delivery != nil { // a workflow that was reset counts fewer visits than the ledger
			attempt.Visit = max(attempt.Visit, facts.Delivery.Visit)
		}
		// A lost answer of this very step has parked. The workflow has to hear of it,
		// or the resume of that park finds nobody (law 3).
		untold := facts.Status == campaign.InError && facts.ParkID > attempt.ResumedPark
		switch {
		case facts.Status == campaign.Disenrolled:
			return Result{Outcome: Ended}, nil
		case facts.Delivery != nil && facts.Delivery.State == campaign.Sent:
			delivery, sent, err := ledger.AcceptSent(ctx, attempt, false)
			if err != nil || sent {
				return Result{Outcome: Done, MessageID: delivery.MessageID}, technical(err)
			}
			untold = true // the answer came late, and its doubt has parked
		case facts.Delivery != nil && inDoubt(facts.Delivery.State):
			held, err := ledger.MarkUncertain(ctx, attempt, *facts.Delivery, uncertain(message.doubt))
			return holdResult(held, err)
		}
		if untold || !message.check(facts).Clear() {
			held, err := ledger.Hold(ctx, attempt, message.check)
			if err != nil || held != (campaign.Held{}) {
				return holdResult(held, err)
			}
			continue // what was found is gone: look again
		}
		release, turn, err := message.reserve(ctx, facts)
		if err != nil {
			return Result{}, technical(err)
		}
		if turn > 0 {
			held, err := ledger.Hold(ctx, attempt, comeAgain(message.check, turn))
			return holdResult(held, err)
		}
		result, again, err := claimAndTransmit(ctx, ledger, attempt, message, facts, release)
		if !again {
			return result, err
		}
	}
	return Result{}, failure.Retry("the facts kept changing while the step was tried", time.Second, nil)
}

// comeAgain is a check that finds at least that the account's line is long.
func comeAgain(check campaign.Check, turn time.Duration) campaign.Check {
	return func(facts campaign.Facts) campaign.Finding {
		if finding := check(facts); !finding.Clear() {
			return finding
		}
		return campaign.Finding{Until: facts.Now.Add(turn)}
	}
}

// claimAndTransmit owns the message, if it can be owned, and hands it over. Again
// asks for another look at the facts.
func claimAndTransmit(ctx context.Context, ledger Ledger, attempt campaign.Attempt, message message, facts campaign.Facts, release func()) (_ Result, again bool, _ error) {
	defer release()
	draft, err := message.draft(facts)
	if err != nil {
		return Result{}, false, technical(err)
	}
	draft.Seen = facts.Status
	delivery, err := ledger.Claim(ctx, attempt, draft)
	switch {
	case errors.Is(err, campaign.ErrNoCredits):
		return Result{}, true, nil // the last credit went to another contact: the check will say so
	case err != nil:
		return Result{}, false, technical(err)
	case delivery.State != campaign.Reserved:
		return Result{}, true, nil // it was sent, or may have been, by another attempt or in another visit: look again
	}
	result, err := transmit(ctx, ledger, attempt, message, facts, delivery)
	return result, false, err
}

// transmit hands a claimed message over and settles what came of it. From the
// gate on the context no longer stops anything: what may have been accepted is
// waited for, and what is known is written down (laws 1 and 4).
func transmit(ctx context.Context, ledger Ledger, attempt campaign.Attempt, message message, facts campaign.Facts, delivery campaign.Delivery) (Result, error) {
	count := activity.GetMetricsHandler(ctx).WithTags(map[string]string{"kind": string(delivery.Kind)})
	asked := false
	words, err := message.transmit(ctx, facts, delivery, func(ctx context.Context) error {
		asked = true
		return ledger.Gate(ctx, delivery) // law 1: one commit before one dot
	})
	var failed *NotAccepted
	var unanswered *Unanswered
	switch {
	case err == nil:
		count.Counter("relance_sent").Inc(1)
		err = settleWords(ctx, words, func(ctx context.Context, words string) error { return ledger.MarkSent(ctx, attempt, delivery, words) })
		return Result{Outcome: Done, MessageID: delivery.MessageID}, technical(err)
	case errors.As(err, &unanswered):
		count.Counter("relance_unanswered").Inc(1)
		var held campaign.Held
		err = settleWords(ctx, unanswered.Words, func(ctx context.Context, words string) (err error) {
			held, err = ledger.MarkUncertain(ctx, attempt, delivery, uncertain(words))
			return err
		})
		return holdResult(held, err)
	case errors.As(err, &failed):
		count.WithTags(map[string]string{"verdict": string(failed.Verdict)}).Counter("relance_refused").Inc(1)
		var held campaign.Held
		settled := settleWords(ctx, failed.Words, func(ctx context.Context, words string) (err error) {
			said := *failed
			said.Words = words
			held, err = ledger.Fail(ctx, attempt, delivery, message.refusal(facts, &said), message.check)
			return err
		})
		if settled != nil || held != (campaign.Held{}) {
			return holdResult(held, settled)
		}
		return Result{}, failure.Retry(failed.Words, nextTry(ctx, failed.RetryAfter), failed.Err)
	case errors.Is(err, campaign.ErrSuperseded):
		return Result{}, technical(err)
	}
	// Nothing was sent: the caller gave up before the gate, or the database did
	// not say that the gate is open. It may be open all the same, and the next
	// attempt would take that for doubt: so the delivery is given up as unsent.
	if asked {
		var held campaign.Held
		settled := settleWords(ctx, err.Error(), func(ctx context.Context, words string) (err error) {
			held, err = ledger.Fail(ctx, attempt, delivery, campaign.Refusal{Reply: words}, message.check)
			return err
		})
		if ctx.Err() == nil && (settled != nil || held != (campaign.Held{})) {
			return holdResult(held, settled)
		}
	}
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	return Result{}, technical(err)
}

// nextTry is when the server would like to be asked again (greylisting,
// Retry-After), but not later than the enrollment's own longest interval.
func nextTry(ctx context.Context, wanted time.Duration) time.Duration {
	if policy := activity.GetInfo(ctx).RetryPolicy; policy != nil && policy.MaximumInterval > 0 {
		return min(wanted, policy.MaximumInterval)
	}
	return wanted
}

// settle writes down what is known for as long as the activity lives: the
// answer of a server is never thrown away because the database was away.
func settle(ctx context.Context, write func(context.Context) error) error {
	deadline := activity.GetInfo(ctx).Deadline
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := func() error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			return write(ctx)
		}()
		if err == nil || errors.Is(err, campaign.ErrSuperseded) || errors.Is(err, campaign.ErrLate) || errors.Is(err, campaign.ErrUnstorable) || time.Now().Add(pause).After(deadline) {
			return err
		}
		activity.GetLogger(ctx).Warn("what the server answered cannot be written down yet", "error", err)
		select {
		case <-time.After(pause):
		case <-activity.GetWorkerStopChannel(ctx):
			return err
		}
	}
}

// unkept stands for words that the database cannot keep.
const unkept = "(what the server answered cannot be written down)"

// settleWords settles with the server's words, and without them where it is the words
// that the database cannot keep: what they mean is known all the same.
func settleWords(ctx context.Context, words string, write func(ctx context.Context, words string) error) error {
	err := settle(ctx, func(ctx context.Context) error { return write(ctx, words) })
	if errors.Is(err, campaign.ErrUnstorable) {
		err = settle(ctx, func(ctx context.Context) error { return write(ctx, unkept) })
	}
	return err
}

func inDoubt(state campaign.DeliveryState) bool {
	return state == campaign.OnWire || state == campaign.Uncertain
}

func uncertain(detail string) failure.Problem {
	return failure.Problem{Code: failure.DeliveryUncertain, Detail: detail}
}

func holdResult(held campaign.Held, err error) (Result, error) {
	switch {
	case err != nil:
		return Result{}, technical(err)
	case held.Parked != nil:
		return Result{}, failure.Park(*held.Parked)
	case held.Paused:
		return Result{Outcome: Paused}, nil
	case !held.Until.IsZero():
		return Result{Outcome: Waiting, Until: held.Until}, nil
	}
	// Sent, or gone on: the next look tells.
	return Result{}, failure.Retry("the step was settled by another attempt", time.Millisecond, nil)
}

// technical makes any other error a retryable one with the code SendingFailed:
// an unknown error never escapes.
func technical(err error) error {
	var application *temporal.ApplicationError
	switch {
	case err == nil, errors.As(err, &application):
		return err
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, campaign.ErrSuperseded), errors.Is(err, campaign.ErrLate):
		// Another attempt has been here: the next look tells what came of it.
		return failure.Retry(err.Error(), time.Millisecond, err)
	}
	return failure.Retry(fmt.Sprintf("the step could not be tried: %v", err), 0, err)
}
