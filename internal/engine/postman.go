package engine

import (
	"context"
	"errors"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/message"
	"relance/internal/unsubscribe"
	"relance/internal/verdict"
)

// postman is the activities' Postman over the mail packages.
type postman struct {
	pool  *smtp.Pool
	links unsubscribe.Links
}

var _ activities.Postman = postman{}

// Write renders the step for the contact.
func (p postman) Write(facts campaign.Facts, step campaign.Step) (activities.Email, error) {
	email, err := message.WriteEmail(facts, step, p.links)
	return activities.Email(email), err
}

// NewDraft generates the Message-ID and the boundary.
func (postman) NewDraft(facts campaign.Facts, email activities.Email) campaign.Draft {
	return message.NewDraft(facts, message.Email(email))
}

func (p postman) Reserve(ctx context.Context, account campaign.EmailAccount, maxWait time.Duration) (activities.Connection, time.Duration, error) {
	lease, retryIn, err := p.pool.Reserve(ctx, account, maxWait)
	if err != nil || retryIn > 0 {
		return nil, retryIn, err
	}
	return connection{lease, account}, 0, nil
}

// connection is the activities' Connection: it composes the message, and says in the
// activities' terms what became of it.
type connection struct {
	*smtp.Lease
	account campaign.EmailAccount
}

func (c connection) Send(ctx context.Context, delivery campaign.Delivery, email activities.Email, gate activities.Gate) (string, error) {
	bytes, err := message.Compose(c.account, delivery.Draft, message.Email(email))
	if err != nil {
		return "", &activities.NotAccepted{Verdict: verdict.MessageDefect, Words: err.Error(), Err: err}
	}
	accepted, err := c.Lease.Send(ctx, smtp.Envelope{From: c.account.Address, To: delivery.Recipient, ID: delivery.MessageID}, bytes, gate)
	if err != nil {
		return "", outcome(err)
	}
	return accepted.Line(), nil
}

// outcome says in the activities' terms what became of a message that was not accepted.
func outcome(err error) error {
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	var undeliverable *mail.Undeliverable
	var unanswered *smtp.Unanswered
	switch {
	case errors.As(err, &refused):
		judgement := reply.Classify(refused.Reply)
		return &activities.NotAccepted{
			Verdict: judgement.Verdict, Words: refused.Reply.Line(), Meaning: judgement.Reason, RetryAfter: judgement.RetryAfter, Err: err,
		}
	case errors.As(err, &unreachable):
		means := verdict.Transient
		if unreachable.Account {
			means = verdict.AccountError
		}
		return &activities.NotAccepted{Verdict: means, Words: err.Error(), Err: err}
	case errors.As(err, &undeliverable):
		return &activities.NotAccepted{Verdict: verdict.MessageDefect, Words: err.Error(), Err: err}
	case errors.As(err, &unanswered):
		return &activities.Unanswered{Words: err.Error(), Err: err}
	}
	return err
}
