package activities

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
)

// Texts sends the SMS notifications of campaigns to their owners.
type Texts struct {
	Ledger Ledger
	Texter Texter
	// Steps notes the steps that are about to be done.
	Steps *RecentSteps
	First *FirstTries
	// Grace is that of Emails.
	Grace time.Duration
}

// SendSMS does one attempt of one SMS step; returns as SendEmail.
func (a *Texts) SendSMS(ctx context.Context, attempt campaign.Attempt) (Result, error) {
	return deliver(ctx, a.Ledger, a.First, a.Grace, attempt, smsMessage{texter: a.Texter, attempt: attempt, steps: a.Steps})
}

// smsMessage is the message of an SMS step.
type smsMessage struct {
	texter  Texter
	attempt campaign.Attempt
	steps   *RecentSteps
}

func (m smsMessage) Check(facts campaign.Facts) campaign.Finding {
	step, problem := stepOf(facts, m.attempt)
	if problem != nil {
		return campaign.Finding{Problem: problem}
	}
	return campaign.CheckSMS(facts, func() error {
		_, err := m.texter.Write(facts, step)
		return err
	})
}

// Sender is the provider: there is one.
func (smsMessage) Sender(campaign.Facts) string { return "sms" }

// Reserve always has a slot: a provider has no queue.
func (m smsMessage) Reserve(_ context.Context, facts campaign.Facts, _ time.Duration) (slot, time.Duration, error) {
	step, problem := stepOf(facts, m.attempt)
	if problem != nil {
		return nil, 0, problem
	}
	text, err := m.texter.Write(facts, step)
	if err != nil {
		return nil, 0, err
	}
	m.steps.add(m.attempt)
	return smsSlot{texter: m.texter, text: text, draft: campaign.Draft{
		Kind: campaign.SMS, Recipient: facts.Owner.Phone, Date: facts.Now.Truncate(time.Second),
	}}, 0, nil
}

func (m smsMessage) UncertainDetail() string {
	return "the worker that was sending it stopped before it had the SMS provider's answer"
}

// Refusal carries out the table of consequences, verdict.OfSMS.
func (m smsMessage) Refusal(facts campaign.Facts, failed *NotAccepted) campaign.Refusal {
	refusal := campaign.Refusal{Reply: failed.Words, Words: failed.Apart()}
	follows := verdict.OfSMS(failed.Verdict)
	switch {
	case follows.Retried:
	case follows.Code == failure.OwnerHasNoPhone:
		refused := facts.Owner.Phone
		refusal.Final = true
		refusal.Check = func(now campaign.Facts) campaign.Finding {
			if now.Owner.Phone != refused {
				return campaign.Finding{} // it has been fixed meanwhile
			}
			return campaign.Finding{Problem: &failure.Problem{
				Code: follows.Code, Detail: "the provider refused the number: " + failed.Detail(), Words: failed.Apart(),
				Causes: []failure.Cause{failure.OwnerPhone(now.Owner.Key)},
			}}
		}
	default:
		refusal.Final, refusal.Problem = true, &failure.Problem{Code: follows.Code, Detail: failed.Detail(), Words: failed.Apart()}
	}
	return refusal
}

// smsSlot is a rendered text message.
type smsSlot struct {
	texter Texter
	text   string
	draft  campaign.Draft
}

func (s smsSlot) Draft() campaign.Draft { return s.draft }

func (s smsSlot) Transmit(ctx context.Context, delivery campaign.Delivery, gate Gate) (string, error) {
	return s.texter.Send(ctx, delivery.Recipient, s.text, gate)
}

func (s smsSlot) Release() {}
