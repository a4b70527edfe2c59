package activities

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/verdict"
)

// Emails sends the emails of campaigns.
type Emails struct {
	Ledger  Ledger
	Postman Postman
	// Steps notes the steps that are about to be done.
	Steps *RecentSteps
	First *FirstTries
	// Grace is for how long an attempt that finds another one's dot out waits for that
	// one's answer, from the dot on, before it is uncertain.
	Grace time.Duration
}

// SendEmail does one attempt of one email step. It returns a Result, a parking
// error (failure.Park) that is recorded already, or a retryable SendingFailed.
func (a *Emails) SendEmail(ctx context.Context, attempt campaign.Attempt) (Result, error) {
	return deliver(ctx, a.Ledger, a.First, a.Grace, attempt, &emailMessage{postman: a.Postman, attempt: attempt, steps: a.Steps})
}

// emailMessage is the message of an email step.
type emailMessage struct {
	postman Postman
	attempt campaign.Attempt
	steps   *RecentSteps

	// The email is rendered once for each reading of the facts: what is checked is what
	// is sent. A reading is known by its time, PostgreSQL's own.
	renderedAt time.Time
	email      Email
	err        error
}

func (m *emailMessage) render(facts campaign.Facts, step campaign.Step) (Email, error) {
	if m.renderedAt.IsZero() || !m.renderedAt.Equal(facts.Now) {
		m.renderedAt = facts.Now
		m.email, m.err = m.postman.Write(facts, step)
	}
	return m.email, m.err
}

func (m *emailMessage) Check(facts campaign.Facts) campaign.Finding {
	step, problem := stepOf(facts, m.attempt)
	if problem != nil {
		return campaign.Finding{Problem: problem}
	}
	return campaign.CheckEmail(facts, func() error {
		_, err := m.render(facts, step)
		return err
	})
}

func (m *emailMessage) Sender(facts campaign.Facts) string {
	if facts.Account == nil {
		return ""
	}
	return facts.Account.Address
}

func (m *emailMessage) Reserve(ctx context.Context, facts campaign.Facts, maxWait time.Duration) (slot, time.Duration, error) {
	step, problem := stepOf(facts, m.attempt)
	if problem != nil {
		return nil, 0, problem
	}
	email, err := m.render(facts, step)
	if err != nil {
		return nil, 0, err
	}
	connection, retryIn, err := m.postman.Reserve(ctx, *facts.Account, maxWait)
	if err != nil || retryIn > 0 {
		return nil, retryIn, err
	}
	m.steps.add(m.attempt)
	return emailSlot{Connection: connection, email: email, draft: m.postman.NewDraft(facts, email)}, 0, nil
}

func (m *emailMessage) UncertainDetail() string {
	return "the worker that was sending it stopped before it had the mail server's answer"
}

// restFor is how long an account rests whose server did not say for how long.
const restFor = time.Hour

// Refusal carries out the table of consequences, verdict.OfEmail.
func (m *emailMessage) Refusal(_ campaign.Facts, failed *NotAccepted) campaign.Refusal {
	refusal := campaign.Refusal{Reply: failed.Words, Words: failed.Apart()}
	follows := verdict.OfEmail(failed.Verdict)
	switch {
	case follows.AccountInError:
		refusal.AccountError = failed.Detail()
	case follows.AccountRests:
		refusal.RestFor = restFor
		if failed.RetryAfter > 0 {
			refusal.RestFor = failed.RetryAfter
		}
	case follows.AddressBounced:
		refusal.Final, refusal.Bounced = true, failed.Detail()
	case !follows.Retried:
		refusal.Final, refusal.Problem = true, &failure.Problem{Code: follows.Code, Detail: failed.Detail(), Words: failed.Apart()}
	}
	return refusal
}

// emailSlot is a rendered email with the connection that it goes over.
type emailSlot struct {
	Connection
	email Email
	draft campaign.Draft
}

func (s emailSlot) Draft() campaign.Draft { return s.draft }

func (s emailSlot) Transmit(ctx context.Context, delivery campaign.Delivery, gate Gate) (string, error) {
	return s.Send(ctx, delivery, s.email, gate)
}
