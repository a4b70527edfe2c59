package message

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/liquid"
	"relance/internal/mail"
)

// Email is a rendered email without what the ledger freezes.
type Email struct {
	Subject, Text string
	// InReplyTo and References are Message-IDs without angle brackets.
	InReplyTo  string
	References []string
	// Unsubscribe is what its header offers.
	Unsubscribe campaign.Unsubscribe
}

// Links make the addresses by which a recipient unsubscribes; empty where there is no way.
type Links interface {
	URL(enrollmentID int64) string
	Mailto(address string, enrollmentID int64) string
}

// WriteEmail renders the step for the contact. A step that continues a thread takes
// the subject that was really sent, and names every earlier message of it. An error
// of a template is a *liquid.RenderError.
//
// The header offers to unsubscribe unless the campaign does not want that: by the page of
// the links, and by a mail where the sender's mailbox is read.
func WriteEmail(facts campaign.Facts, step campaign.Step, links Links) (Email, error) {
	vars := liquid.Vars(facts.Contact)
	if url := links.URL(facts.EnrollmentID); url != "" {
		vars[liquid.UnsubscribeURL] = url
	}
	text, err := liquid.Render("body", step.Body, vars)
	if err != nil {
		return Email{}, err
	}
	email := Email{Text: text}
	if !facts.Campaign.NoUnsubscribe {
		email.Unsubscribe.URL = links.URL(facts.EnrollmentID)
		if facts.Mailbox != nil {
			email.Unsubscribe.Mailto = links.Mailto(facts.Account.Address, facts.EnrollmentID)
		}
	}
	if step.ReplyTo == "" {
		email.Subject, err = liquid.Render("subject", step.Subject, vars)
		return email, err
	}
	root := facts.Campaign.ThreadRoot(step)
	subject := ""
	for _, sending := range facts.Sendings {
		if facts.SentByAnother(sending) {
			continue
		}
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

// NewDraft is what a claim freezes of the email. It generates the Message-ID, in the
// sender's domain, and the boundary.
func NewDraft(facts campaign.Facts, email Email) campaign.Draft {
	_, domain, _ := strings.Cut(facts.Account.Address, "@")
	return campaign.Draft{
		Kind: campaign.Email, Account: facts.Account.Address, AccountEpoch: facts.Account.Epoch,
		Recipient: facts.Contact.Email, Subject: email.Subject,
		MessageID: mail.NewMessageID(domain, unique()), Date: facts.Now.Truncate(time.Second), Boundary: unique(),
		CostsCredit: !facts.Billing.Unlimited,
	}
}

// Compose writes the email as it goes over the wire, with what the claim has frozen;
// see mail.Compose.
func Compose(account campaign.EmailAccount, draft campaign.Draft, email Email) ([]byte, error) {
	return mail.Compose(mail.Message{
		From:    mail.Address{Name: account.Name, Email: account.Address},
		To:      mail.Address{Email: draft.Recipient},
		Subject: email.Subject, Text: email.Text,
		MessageID: draft.MessageID, Date: draft.Date, Boundary: draft.Boundary,
		InReplyTo: email.InReplyTo, References: email.References, Unsubscribe: mail.Unsubscribe(email.Unsubscribe),
	})
}

// TestPrefix begins the subject of a test message.
const TestPrefix = "[Test] "

// ComposeTest writes the email as Compose does, to somebody else: its subject and a header
// say that it is a test.
func ComposeTest(account campaign.EmailAccount, draft campaign.Draft, email Email) ([]byte, error) {
	return mail.Compose(mail.Message{
		From:    mail.Address{Name: account.Name, Email: account.Address},
		To:      mail.Address{Email: draft.Recipient},
		Subject: TestPrefix + email.Subject, Text: email.Text, Test: true,
		MessageID: draft.MessageID, Date: draft.Date, Boundary: draft.Boundary,
		InReplyTo: email.InReplyTo, References: email.References,
	})
}

func unique() string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails, see crypto/rand
	return hex.EncodeToString(random[:])
}
