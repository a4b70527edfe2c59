package activities

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// Texts sends the SMS notifications of campaigns to their owners.
type Texts struct {
	Ledger Ledger
	Texter Texter
	// Traffic is told of the steps that can be done.
	Traffic *Traffic
}

// SendSMS does one attempt of one SMS step; returns as SendEmail.
func (a *Texts) SendSMS(ctx context.Context, attempt campaign.Attempt) (Result, error) {
	return deliver(ctx, a.Ledger, attempt, message{
		check: func(facts campaign.Facts) campaign.Finding {
			step, problem := stepOf(facts, attempt)
			if problem != nil {
				return campaign.Finding{Problem: problem}
			}
			return campaign.CheckSMS(facts, func() error {
				_, err := a.Texter.Write(facts, step)
				return err
			})
		},
		draft: func(facts campaign.Facts) (campaign.Draft, error) {
			return campaign.Draft{Kind: campaign.SMS, Recipient: facts.Owner.Phone, Date: facts.Now.Truncate(time.Second)}, nil
		},
		reserve: func(context.Context, campaign.Facts) (func(), time.Duration, error) { // a provider has no line
			a.Traffic.step(attempt)
			return func() {}, 0, nil
		},
		transmit: func(ctx context.Context, facts campaign.Facts, delivery campaign.Delivery, gate Gate) (string, error) {
			step, problem := stepOf(facts, attempt)
			if problem != nil {
				return "", problem
			}
			text, err := a.Texter.Write(facts, step)
			if err != nil {
				return "", err
			}
			return a.Texter.Send(ctx, delivery.Recipient, text, gate)
		},
		refusal: smsRefusal,
		doubt:   "the worker that was sending it stopped before it had the SMS provider's answer",
	})
}

func smsRefusal(facts campaign.Facts, failed *NotAccepted) campaign.Refusal {
	refusal := campaign.Refusal{Reply: failed.Words}
	switch failed.Verdict {
	case BadNumber:
		refused := facts.Owner.Phone
		refusal.Final = true
		refusal.Check = func(now campaign.Facts) campaign.Finding {
			if now.Owner.Phone != refused {
				return campaign.Finding{} // it has been mended meanwhile
			}
			return campaign.Finding{Problem: &failure.Problem{
				Code: failure.OwnerHasNoPhone, Detail: "the provider refused the number: " + failed.Words,
				Causes: []failure.Cause{failure.OwnerPhone(now.Owner.Key)},
			}}
		}
	case AccountError, PolicyBlock, MessageDefect:
		refusal.Final, refusal.Problem = true, &failure.Problem{Code: failure.SendingFailed, Detail: failed.Words}
	}
	return refusal
}
