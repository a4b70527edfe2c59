package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Outcome is how an attempt ended that is not in error.
type Outcome string

// The outcomes. Ended: the enrollment, or the attempt's round of it, was ended meanwhile, nothing is to be done.
// NeedsActivity is of a first try only: an ordinary activity has to go on.
const (
	Done    Outcome = "done"
	Waiting Outcome = "waiting"
	Paused  Outcome = "paused"
	Ended   Outcome = "ended"
	// Queued: the enrollment stands in its sender's line, and waits for a turn.
	Queued Outcome = "queued"
	// Moved: an edit of the campaign has another step, or a later time, come next. Nothing
	// was sent; Next says what comes.
	Moved         Outcome = "moved"
	NeedsActivity Outcome = "needs_activity"
)

// Result is what a sending activity returns. A park is not a result but a
// typed error: see failure.Park.
type Result struct {
	Outcome Outcome `json:"outcome"`
	// Until is when a waiting enrollment tries again, by Temporal's clock.
	Until time.Time `json:"until,omitzero"`
	// Tried counts the attempts at the step that had failed before it was queued.
	Tried int `json:"tried,omitempty"`
	// NextAt is when the wait is over that follows a step that is Done, if that is one of
	// dates: the workflow cannot reckon it.
	NextAt time.Time `json:"nextAt,omitzero"`
	// Next is what comes next for an enrollment that follows the campaign as it is now, once
	// the step is Done or the enrollment was Moved.
	Next *campaign.Next `json:"next,omitempty"`
	// MessageID is that of the email that was sent, without angle brackets.
	MessageID string `json:"messageId,omitempty"`
	// StepID and Visit (left out when it is 1) are set by a first try that is Done: the
	// history has nothing else that says which message it was.
	StepID string `json:"stepId,omitempty"`
	Visit  int    `json:"visit,omitempty"`
}

// rounds is how often the facts may change under an attempt before it leaves
// the rest to Temporal's retry.
const rounds = 5

// deliver does one attempt of one step, as an ordinary activity or, inside the workflow
// task, as the step's first try.
func deliver(ctx context.Context, ledger Ledger, first *FirstTries, grace time.Duration, attempt campaign.Attempt, message message) (Result, error) {
	d := delivering{ledger: ledger, attempt: attempt, message: message, grace: grace}
	info := activity.GetInfo(ctx)
	switch {
	case info.IsLocalActivity:
		return first.try(ctx, d)
	case attempt.Failed != nil && info.Attempt == 1:
		return Result{}, d.failed(ctx, failedTry(attempt.Failed))
	}
	stop := keepAlive(ctx)
	defer stop()
	result, err := d.deliver(ctx)
	return result, d.failed(ctx, err)
}

// delivering is one attempt under way.
type delivering struct {
	ledger  Ledger
	attempt campaign.Attempt
	message message
	grace   time.Duration
	// isFirst is true of a first try, which first bounds; pass lets it through the gate,
	// unless it comes too late.
	isFirst bool
	first   *FirstTries
	pass    func() bool
}

// deliver looks, holds or claims, transmits through the gate and settles. The slot is
// reserved before the claim: no attempt owns a message that it cannot transmit yet.
func (d delivering) deliver(ctx context.Context) (Result, error) {
	if resume := d.attempt.Resume; resume != nil && resume.Assume == campaign.AssumeSent {
		if d.attempt.Follows || d.attempt.Next.Waits().OfDates() {
			facts, err := d.facts(ctx)
			if err != nil {
				return Result{}, technical(err)
			}
			d.attempt.Next = facts.After(d.attempt)
		}
		if delivery, sent, err := d.ledger.AcceptSent(ctx, d.attempt, true); err != nil || sent {
			return d.done(delivery), technical(err)
		}
	}
	if resume := d.attempt.Resume; resume != nil && resume.Assume == campaign.AssumeNotSent {
		if err := d.ledger.AcceptNotSent(ctx, d.attempt); err != nil {
			return Result{}, technical(err)
		}
	}
	for range rounds {
		facts, err := d.facts(ctx)
		if err != nil {
			return Result{}, technical(err)
		}
		if d.attempt.Seen == "" {
			d.attempt.Seen = facts.Status
		}
		if facts.Delivery != nil && d.attempt.Visit > facts.VisitBase { // a workflow that was reset counts fewer visits than the ledger
			d.attempt.Visit = max(d.attempt.Visit, facts.Delivery.Visit)
		}
		d.attempt.Next = facts.After(d.attempt)
		if result, again, err := d.round(ctx, facts); !again {
			return d.byTemporalsClock(result, facts.Now), err
		}
	}
	return Result{}, failure.Retry("the facts kept changing while the step was tried", time.Second, nil)
}

// done is the result of a step whose message has been sent.
func (d delivering) done(delivery campaign.Delivery) Result {
	result := Result{Outcome: Done, MessageID: delivery.MessageID}
	if next := d.attempt.Next; d.attempt.Follows {
		result.Next = &next
	} else {
		result.NextAt = next.At
	}
	return result
}

// round does what one reading of the facts allows. Again asks for another reading.
func (d delivering) round(ctx context.Context, facts campaign.Facts) (_ Result, again bool, _ error) {
	// A lost answer of this very step has parked. The workflow has to learn of it,
	// or the resume of that park finds no workflow that waits (law 3).
	unreported := facts.Status == campaign.InError && facts.ParkID > d.attempt.ResumedPark
	switch {
	case facts.Status == campaign.Disenrolled, facts.VisitBase > 0 && d.attempt.Visit <= facts.VisitBase: // its round is over
		return Result{Outcome: Ended}, false, nil
	case d.attempt.Follows && facts.Status == campaign.Completed && !(facts.Delivery != nil && facts.Delivery.State == campaign.Sent):
		return d.goOn(ctx)
	case facts.Delivery != nil && facts.Delivery.State == campaign.Sent:
		delivery, sent, err := d.ledger.AcceptSent(ctx, d.attempt, false)
		if err != nil || sent {
			return d.done(delivery), false, technical(err)
		}
		unreported = true // the answer came late: the uncertain delivery has parked
	case d.isFirst && d.answerDue(facts) > 0:
		return Result{Outcome: NeedsActivity}, false, nil
	case facts.Delivery != nil && inDoubt(facts.Delivery.State) && !(unreported && facts.Delivery.State == campaign.Uncertain):
		result, err := holdResult(d.ledger.MarkUncertain(ctx, d.attempt, *facts.Delivery, uncertain(d.message.UncertainDetail())))
		return result, false, err
	}
	if !unreported && d.attempt.Follows && d.attempt.Version != facts.Campaign.Version {
		if _, isThis := facts.Coming(d.attempt); !isThis {
			return d.goOn(ctx)
		}
		d.attempt.Version = facts.Campaign.Version // what is held or claimed is this version's
	}
	finding := d.message.Check(facts)
	if d.isFirst && (unreported || finding.InError() || d.first.isSlow(d.message.Sender(facts))) {
		return Result{Outcome: NeedsActivity}, false, nil
	}
	if place := finding.Place; !unreported && place != nil && !place.AwaitsLook.IsZero() {
		looked, err := d.ledger.AwaitLook(ctx, facts.Mailbox.Address, place.AwaitsLook, d.lookWait())
		if err != nil || looked {
			return Result{}, looked, technical(err)
		}
	}
	if unreported || !finding.Clear() {
		return d.hold(ctx, d.message.Check)
	}
	return d.send(ctx, facts)
}

// goOn has an enrollment go on to what comes next, without this step. Again: the step is what
// comes next after all, or its message is out.
func (d delivering) goOn(ctx context.Context) (_ Result, again bool, _ error) {
	next, moved, err := d.ledger.GoOn(ctx, d.attempt)
	switch {
	case errors.Is(err, campaign.ErrNoTurn): // its workflow waits for a turn and for nothing else
		return Result{Outcome: Queued}, false, nil
	case err != nil:
		return Result{}, false, technical(err)
	case !moved:
		return Result{}, true, nil
	}
	return Result{Outcome: Moved, Next: &next}, false, nil
}

// maxQueueWait bounds how long an attempt waits for a connection of a busy account, and
// firstQueueWait how long a first try does; beyond it the step becomes a durable timer.
const (
	maxQueueWait   = 5 * time.Second
	firstQueueWait = 2 * time.Second
)

// send reserves a slot and sends the message from it. Again asks for another look.
func (d delivering) send(ctx context.Context, facts campaign.Facts) (_ Result, again bool, _ error) {
	maxWait := maxQueueWait
	if d.isFirst {
		maxWait = firstQueueWait
	}
	slot, retryIn, err := d.message.Reserve(ctx, facts, maxWait)
	if err != nil {
		return Result{}, false, d.gaveUp(ctx, facts, err)
	}
	if retryIn > 0 {
		held, err := d.ledger.Hold(ctx, d.attempt, comeAgain(d.message.Check, retryIn))
		if err != nil {
			return Result{}, false, d.gaveUp(ctx, facts, err)
		}
		result, err := holdResult(held, nil)
		return result, false, err
	}
	defer slot.Release()
	return d.claim(ctx, facts, slot)
}

// gaveUp is what an attempt returns that has sent nothing: errSlow when it is a first try
// that took too long, and its error otherwise.
func (d delivering) gaveUp(ctx context.Context, facts campaign.Facts, err error) error {
	if errors.Is(err, errSlow) || errors.Is(context.Cause(ctx), errSlow) {
		d.first.wasSlow(d.message.Sender(facts))
		return errSlow
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return technical(err)
}

// claim takes ownership of the message, if it can, and transmits it. Again asks for
// another look at the facts.
func (d delivering) claim(ctx context.Context, facts campaign.Facts, slot slot) (_ Result, again bool, _ error) {
	draft := slot.Draft()
	draft.Seen, draft.Timed = facts.Status, draft.Kind == campaign.Email && facts.Timed()
	draft.Version, draft.Due = facts.Campaign.Version, d.attempt.Due
	delivery, err := d.ledger.Claim(ctx, d.attempt, draft)
	switch {
	case errors.Is(err, campaign.ErrNoCredits):
		return Result{}, true, nil // the last credit went to another contact: the check will say so
	case errors.Is(err, campaign.ErrEdited):
		return Result{}, true, nil // this may not be what comes next any more, or its text another one
	case errors.Is(err, campaign.ErrNoTurn):
		return d.hold(ctx, inLine(d.message.Check))
	case err != nil:
		return Result{}, false, d.gaveUp(ctx, facts, err)
	case delivery.State != campaign.Reserved:
		return Result{}, true, nil // it was sent, or may have been, by another attempt or in another visit: look again
	}
	gated := false
	words, err := slot.Transmit(ctx, delivery, func(ctx context.Context) error {
		if d.isFirst && !d.pass() {
			return errSlow
		}
		gated = true
		return d.ledger.Gate(ctx, delivery) // law 1: one commit before one dot
	})
	if err == nil {
		count(ctx, delivery).Counter("relance_sent").Inc(1)
		err = d.settleWords(ctx, words, func(ctx context.Context, words string) error {
			return d.ledger.MarkSent(ctx, d.attempt, delivery, words)
		})
		if errors.Is(err, campaign.ErrEdited) {
			return Result{}, true, nil // it is written down as sent; what comes next is another
		}
		return d.done(delivery), false, technical(err)
	}
	if errors.Is(err, campaign.ErrNoTurn) { // its moment has passed at the gate
		return d.hold(ctx, inLine(d.message.Check))
	}
	result, err := d.notSent(ctx, facts, delivery, gated, err)
	return result, false, err
}

// notSent settles what came of a message that was not, or perhaps not, accepted. From
// the gate on the context no longer stops anything: what may have been accepted is
// waited for, and what is known is written down (laws 1 and 4).
func (d delivering) notSent(ctx context.Context, facts campaign.Facts, delivery campaign.Delivery, gated bool, err error) (Result, error) {
	var failed *NotAccepted
	var unanswered *Unanswered
	var held campaign.Held
	switch {
	case errors.As(err, &unanswered):
		count(ctx, delivery).Counter("relance_unanswered").Inc(1)
		err = d.settleWords(ctx, unanswered.Words, func(ctx context.Context, words string) (err error) {
			held, err = d.ledger.MarkUncertain(ctx, d.attempt, delivery, uncertain(words))
			return err
		})
		return holdResult(held, err)
	case errors.As(err, &failed):
		count(ctx, delivery).WithTags(map[string]string{"verdict": string(failed.Verdict)}).Counter("relance_refused").Inc(1)
		settled := d.settleWords(ctx, failed.Words, func(ctx context.Context, words string) (err error) {
			said := *failed
			said.Words = words
			refusal := d.message.Refusal(facts, &said)
			refusal.Retry = d.retryState(ctx, words, failed.RetryAfter)
			held, err = d.ledger.Fail(ctx, d.attempt, delivery, refusal, d.message.Check)
			return err
		})
		if settled != nil || held != (campaign.Held{}) {
			return holdResult(held, settled)
		}
		return Result{}, failure.RetryOf(failure.Problem{Detail: failed.Detail(), Words: failed.Apart()}, d.nextTry(ctx, failed.RetryAfter), failed.Err)
	case errors.Is(err, campaign.ErrSuperseded):
		return Result{}, technical(err)
	}
	// Nothing was sent: the caller gave up before the gate, or the database did
	// not say that the gate is open. It may be open all the same, and the next
	// attempt would take the message as uncertain: so the delivery is settled as unsent.
	if gated {
		settled := d.settleWords(ctx, err.Error(), func(ctx context.Context, words string) (err error) {
			held, err = d.ledger.Fail(ctx, d.attempt, delivery, campaign.Refusal{Reply: words, Retry: d.retryState(ctx, words, 0)}, d.message.Check)
			return err
		})
		if ctx.Err() == nil && (settled != nil || held != (campaign.Held{})) {
			return holdResult(held, settled)
		}
	}
	return Result{}, d.gaveUp(ctx, facts, err)
}

func count(ctx context.Context, delivery campaign.Delivery) client.MetricsHandler {
	return activity.GetMetricsHandler(ctx).WithTags(map[string]string{"kind": string(delivery.Kind)})
}

func inDoubt(state campaign.DeliveryState) bool {
	return state == campaign.OnWire || state == campaign.Uncertain
}

func uncertain(detail string) failure.Problem {
	return failure.Problem{Code: failure.DeliveryUncertain, Detail: detail, Words: failure.Ours(detail)}
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
	case errors.Is(err, campaign.ErrSuperseded), errors.Is(err, campaign.ErrLate), errors.Is(err, campaign.ErrEdited):
		// Another attempt has settled it, or an edit has moved it: the next look says how.
		return failure.Retry(err.Error(), time.Millisecond, err)
	}
	return failure.Retry(fmt.Sprintf("the step could not be tried: %v", err), 0, err)
}
