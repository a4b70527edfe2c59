package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/liquid"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/verdict"
)

// postman is the activities' Postman over the mail packages.
type postman struct{ pool *smtp.Pool }

var _ activities.Postman = postman{}

// Write renders the step for the contact. A step that continues a thread takes
// the subject that was really sent, and names every earlier message of it.
func (postman) Write(facts campaign.Facts, step campaign.Step) (activities.Email, error) {
	vars := liquid.Vars(facts.Contact)
	text, err := liquid.Render("body", step.Body, vars)
	if err != nil {
		return activities.Email{}, err
	}
	email := activities.Email{Text: text}
	if step.ReplyTo == "" {
		email.Subject, err = liquid.Render("subject", step.Subject, vars)
		return email, err
	}
	root := facts.Campaign.ThreadRoot(step)
	subject := ""
	for _, sending := range facts.Sendings {
		if other, ok := facts.Campaign.Step(sending.StepID); ok && facts.Campaign.ThreadRoot(other).ID == root.ID && sending.StepID != step.ID {
			email.References = append(email.References, sending.MessageID)
			email.InReplyTo = sending.MessageID
			if subject == "" {
				subject = sending.Subject
			}
		}
	}
	if subject == "" {
		if subject, err = liquid.Render("subject", root.Subject, vars); err != nil {
			return email, err
		}
	}
	email.Subject = mail.ReplySubject(subject)
	return email, nil
}

// NewDraft generates the Message-ID, in the sender's domain, and the boundary.
func (postman) NewDraft(facts campaign.Facts, email activities.Email) campaign.Draft {
	_, domain, _ := strings.Cut(facts.Account.Address, "@")
	return campaign.Draft{
		Kind: campaign.Email, Account: facts.Account.Address, AccountEpoch: facts.Account.Epoch,
		Recipient: facts.Contact.Email, Subject: email.Subject,
		MessageID: mail.NewMessageID(domain, unique()), Date: facts.Now.Truncate(time.Second), Boundary: unique(),
		CostsCredit: !facts.Billing.Unlimited,
	}
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
	message, err := mail.Compose(mail.Message{
		From:    mail.Address{Name: c.account.Name, Email: c.account.Address},
		To:      mail.Address{Email: delivery.Recipient},
		Subject: email.Subject, Text: email.Text,
		MessageID: delivery.MessageID, Date: delivery.Date, Boundary: delivery.Boundary,
		InReplyTo: email.InReplyTo, References: email.References,
	})
	if err != nil {
		return "", &activities.NotAccepted{Verdict: verdict.MessageDefect, Words: err.Error(), Err: err}
	}
	accepted, err := c.Lease.Send(ctx, smtp.Envelope{From: c.account.Address, To: delivery.Recipient}, message, gate)
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

func unique() string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails, see crypto/rand
	return hex.EncodeToString(random[:])
}
