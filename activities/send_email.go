package activities

import (
	"context"
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Emails sends the emails of campaigns.
type Emails struct {
	Ledger  Ledger
	Postman Postman
	// Traffic is told of the steps that can be done.
	Traffic *Traffic
}

// SendEmail does one attempt of one email step. It returns a Result, a parking
// error (failure.Park) that is recorded already, or a retryable SendingFailed.
func (a *Emails) SendEmail(ctx context.Context, attempt campaign.Attempt) (Result, error) {
	written := writing{postman: a.Postman}
	var place Place
	return deliver(ctx, a.Ledger, attempt, message{
		check: func(facts campaign.Facts) campaign.Finding {
			step, problem := stepOf(facts, attempt)
			if problem != nil {
				return campaign.Finding{Problem: problem}
			}
			return campaign.CheckEmail(facts, func() error {
				_, err := written.email(facts, step)
				return err
			})
		},
		draft: func(facts campaign.Facts) (campaign.Draft, error) {
			email, err := write(&written, facts, attempt)
			return a.Postman.NewDraft(facts, email), err
		},
		reserve: func(ctx context.Context, facts campaign.Facts) (release func(), turn time.Duration, err error) {
			place, turn, err = a.Postman.Reserve(ctx, *facts.Account)
			if err != nil || turn > 0 {
				return nil, turn, err
			}
			a.Traffic.step(attempt)
			return place.Release, 0, nil
		},
		transmit: func(ctx context.Context, facts campaign.Facts, delivery campaign.Delivery, gate Gate) (string, error) {
			email, err := write(&written, facts, attempt)
			if err != nil {
				return "", err
			}
			return place.Send(ctx, delivery, email, gate)
		},
		refusal: emailRefusal,
		doubt:   "the worker that was sending it stopped before it had the mail server's answer",
	})
}

func write(written *writing, facts campaign.Facts, attempt campaign.Attempt) (Email, error) {
	step, problem := stepOf(facts, attempt)
	if problem != nil {
		return Email{}, problem
	}
	return written.email(facts, step)
}

// writing renders an attempt's email once for each reading of the facts: what is
// checked is what is sent. A reading is known by its time, PostgreSQL's own.
type writing struct {
	postman Postman
	of      time.Time
	text    Email
	err     error
}

func (w *writing) email(facts campaign.Facts, step campaign.Step) (Email, error) {
	if w.of.IsZero() || !w.of.Equal(facts.Now) {
		w.of = facts.Now
		w.text, w.err = w.postman.Write(facts, step)
	}
	return w.text, w.err
}

// stepOf finds the step's texts as they are now. A step that an edit has
// removed under a contact is not skipped in silence.
func stepOf(facts campaign.Facts, attempt campaign.Attempt) (campaign.Step, *failure.Problem) {
	step, ok := facts.Campaign.Step(attempt.StepID)
	if !ok {
		return step, campaign.Unrenderable(facts, fmt.Errorf("the campaign has no step %s any more; put it back, or disenroll the contact", attempt.StepID))
	}
	return step, nil
}

// restFor is how long an account rests whose server did not say for how long.
const restFor = time.Hour

// emailRefusal is the table of verdicts: what happens after a definite failure.
func emailRefusal(_ campaign.Facts, failed *NotAccepted) campaign.Refusal {
	refusal := campaign.Refusal{Reply: failed.Words}
	switch failed.Verdict {
	case AccountError:
		refusal.AccountError = failed.Words
	case AccountLimit:
		refusal.RestFor = restFor
		if failed.RetryAfter > 0 {
			refusal.RestFor = failed.RetryAfter
		}
	case HardBounce:
		refusal.Final, refusal.Bounced = true, failed.Words
	case PolicyBlock, MessageDefect:
		refusal.Final, refusal.Problem = true, &failure.Problem{Code: failure.SendingFailed, Detail: failed.Words}
	}
	return refusal
}
