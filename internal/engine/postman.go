package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/liquid"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

// postman is the activities' Postman over the mail room.
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

// NewDraft makes up the Message-ID in the sender's domain, and the boundary.
func (postman) NewDraft(facts campaign.Facts, email activities.Email) campaign.Draft {
	_, domain, _ := strings.Cut(facts.Account.Address, "@")
	return campaign.Draft{
		Kind: campaign.Email, Account: facts.Account.Address, AccountEpoch: facts.Account.Epoch,
		Recipient: facts.Contact.Email, Subject: email.Subject,
		MessageID: mail.NewMessageID(domain, unique()), Date: facts.Now.Truncate(time.Second), Boundary: unique(),
		CostsCredit: !facts.Billing.Unlimited,
	}
}

func (p postman) Reserve(ctx context.Context, account campaign.EmailAccount) (activities.Place, time.Duration, error) {
	reserved, turn, err := p.pool.Reserve(ctx, account, smtp.Patience)
	if err != nil || turn > 0 {
		return nil, turn, err
	}
	return place{reserved, account}, 0, nil
}

// place is the activities' Place.
type place struct {
	*smtp.Place
	account campaign.EmailAccount
}

func (p place) Send(ctx context.Context, delivery campaign.Delivery, email activities.Email, gate activities.Gate) (string, error) {
	message, err := mail.Compose(mail.Message{
		From:    mail.Address{Name: p.account.Name, Email: p.account.Address},
		To:      mail.Address{Email: delivery.Recipient},
		Subject: email.Subject, Text: email.Text,
		MessageID: delivery.MessageID, Date: delivery.Date, Boundary: delivery.Boundary,
		InReplyTo: email.InReplyTo, References: email.References,
	})
	if err != nil {
		return "", &activities.NotAccepted{Verdict: activities.MessageDefect, Words: err.Error(), Err: err}
	}
	accepted, err := p.Place.Send(ctx, smtp.Envelope{From: p.account.Address, To: delivery.Recipient}, message, gate)
	if err != nil {
		return "", outcome(err)
	}
	return words(accepted), nil
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
			Verdict: activities.Verdict(judgement.Verdict), Words: words(refused.Reply), RetryAfter: judgement.RetryAfter, Err: err,
		}
	case errors.As(err, &unreachable):
		verdict := activities.Transient
		if unreachable.Account {
			verdict = activities.AccountError
		}
		return &activities.NotAccepted{Verdict: verdict, Words: err.Error(), Err: err}
	case errors.As(err, &undeliverable):
		return &activities.NotAccepted{Verdict: activities.MessageDefect, Words: err.Error(), Err: err}
	case errors.As(err, &unanswered):
		return &activities.Unanswered{Words: err.Error(), Err: err}
	}
	return err
}

// words are the server's own, on one line.
func words(answer reply.Reply) string {
	return strconv.Itoa(answer.Code) + " " + strings.Join(strings.Fields(answer.Text), " ")
}

func unique() string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails, see crypto/rand
	return hex.EncodeToString(random[:])
}
