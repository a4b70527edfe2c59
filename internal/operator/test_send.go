package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
	"relance/internal/message"
	"relance/internal/plaintext"
	"relance/internal/store"
	"relance/internal/verdict"
)

// TestSent is a test message that a server has accepted.
type TestSent struct {
	Campaign  string `json:"campaign"`
	ContactID int64  `json:"contactId"`
	StepID    string `json:"stepId"`
	From      string `json:"from"`
	To        string `json:"to"`
	Subject   string `json:"subject"`
	MessageID string `json:"messageId"`
	// Reply is what the server said.
	Reply string `json:"reply"`
}

// NotNow refuses a test message that its account may not send now; it says until when.
type NotNow = store.NotNow

// TestNotSent is a test message that no server has accepted, or perhaps none.
type TestNotSent struct {
	Account, To string
	// Words are the server's, on one line, or what went wrong.
	Words string
	// Meaning is what they mean; empty when nobody knows.
	Meaning string
	// Uncertain is true when the server may have accepted it; AtFault when the account has
	// to be reconnected.
	Uncertain, AtFault bool

	err error
}

func (e *TestNotSent) Error() string {
	if e.Uncertain {
		return "nobody knows whether the test message was sent, look at " + e.To + ": " + e.Words
	}
	text := e.Account + " could not send the test message: " + e.Words
	if e.Meaning != "" {
		text += " (" + e.Meaning + ")"
	}
	return text
}

// Unwrap is the error of the wire.
func (e *TestNotSent) Unwrap() error { return e.err }

// TestSend sends a step of a campaign as a contact would get it, marked as a test, to an
// address that is no contact's; to the campaign's owner when it is empty. stepID is the
// campaign's first email when it is empty. It is no delivery: no ledger, statistic, credit or
// limit of a contact knows it. But its account sends it within its pace and limit: a *NotNow
// when it may not now. A *TestNotSent when the server does not accept it; that parks nobody.
// A NotFound when there is no such campaign, contact or step.
func (o *Operator) TestSend(ctx context.Context, key string, contactID int64, stepID, to string) (TestSent, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return TestSent{}, err
	}
	outlook, err := db.Outlook(ctx, key, contactID)
	if err != nil {
		return TestSent{}, err
	}
	facts := outlook.Facts
	step, err := emailStep(facts.Campaign, stepID)
	if err != nil {
		return TestSent{}, err
	}
	if to, err = testRecipient(ctx, db, facts, to); err != nil {
		return TestSent{}, err
	}
	if facts.Account == nil && facts.Unbound() {
		return TestSent{}, &store.Error{Kind: ErrRefused, Text: "campaign " + key + ": " + campaign.NobodySends(facts).Detail}
	}
	if facts.Account == nil {
		return TestSent{}, &store.Error{Kind: ErrRefused, Text: "campaign " + key + " has no sender"}
	}
	account, err := db.EmailAccount(ctx, facts.Account.Address)
	if err != nil {
		return TestSent{}, err
	}
	email, err := message.WriteEmail(facts, step, o.links())
	if err != nil {
		problem := campaign.Unrenderable(facts, err)
		return TestSent{}, &store.Error{Kind: ErrRefused, Text: "step " + step.ID + " cannot be rendered: " + problem.Detail, Cause: err}
	}
	draft := message.NewDraft(facts, email)
	draft.Recipient = to
	bytes, err := message.ComposeTest(account, draft, email)
	if err != nil {
		return TestSent{}, &store.Error{Kind: ErrRefused, Text: "step " + step.ID + " cannot be sent: " + err.Error(), Cause: err}
	}
	if err := db.MayTest(ctx, account.Address); err != nil { // nobody logs in for what is refused
		return TestSent{}, err
	}
	words, err := o.sendTest(ctx, db, account, key, to, bytes)
	return TestSent{
		Campaign: key, ContactID: contactID, StepID: step.ID, From: account.Address, To: to,
		Subject: message.TestPrefix + email.Subject, MessageID: draft.MessageID, Reply: words,
	}, err
}

// sendTest sends bytes with an account. The account's day is spent at the gate, and given
// back when the server then refuses the message.
func (o *Operator) sendTest(ctx context.Context, db *store.Store, account campaign.EmailAccount, key, to string, bytes []byte) (string, error) {
	configured, err := o.settings()
	if err != nil {
		return "", err
	}
	pool := smtp.NewPool(smtp.WithCaution(configured.MailNetworks, true), smtp.WithTokens(o.tokens(db)))
	defer func() { _ = pool.Close(ctx) }()
	var spent *store.TestSpent
	accepted, err := pool.Send(ctx, account, smtp.Envelope{From: account.Address, To: to}, bytes, func(ctx context.Context) error {
		one, err := db.SpendTest(ctx, account.Address, key, o.by)
		if err == nil {
			spent = &one
		}
		return err
	})
	if err == nil {
		return accepted.Line(), nil
	}
	failed := &TestNotSent{Account: account.Address, To: to, Words: plaintext.Line(err.Error(), longestDial), err: err}
	var refused *smtp.Refused
	var unreachable *smtp.Unreachable
	var unanswered *smtp.Unanswered
	var forbidden *smtp.Forbidden
	switch {
	case errors.As(err, &unanswered):
		failed.Uncertain = true
		return "", failed
	case errors.As(err, &forbidden):
		return "", forbiddenServer(forbidden)
	case errors.As(err, &refused):
		judgement := reply.Classify(refused.Reply)
		failed.Words, failed.Meaning, failed.AtFault = refused.Reply.Line(), judgement.Reason, judgement.Verdict == verdict.AccountError
	case errors.As(err, &unreachable):
		failed.AtFault = unreachable.Account
	default: // the gate's own, or the caller's
		return "", err
	}
	if spent != nil {
		if err := db.UnspendTest(context.WithoutCancel(ctx), *spent); err != nil {
			return "", fmt.Errorf("%w; its place in the day could not be given back: %w", failed, err)
		}
	}
	return "", failed
}

// emailStep is the email of a campaign with this id, or the first.
func emailStep(of campaign.Campaign, id string) (campaign.Step, error) {
	var emails []string
	for _, step := range of.Steps {
		if step.Kind != campaign.Email {
			continue
		}
		if emails = append(emails, step.ID); id == "" || step.ID == id {
			return step, nil
		}
	}
	if id == "" {
		return campaign.Step{}, &store.Error{Kind: ErrRefused, Text: "campaign " + of.Key + " has no email"}
	}
	return campaign.Step{}, &NotFound{Thing: "email of " + of.Key, Key: id, Existing: slices.Clone(emails)}
}

// testRecipient is where a test message goes. A contact gets none: only the ledger knows
// what a contact may get.
func testRecipient(ctx context.Context, db *store.Store, facts campaign.Facts, to string) (string, error) {
	if to == "" {
		if to = facts.Owner.Email; to == "" {
			return "", &store.Error{Kind: ErrRefused, Text: "the owner of " + facts.Campaign.Key + " has no address: say to which one the test goes"}
		}
	}
	address, err := campaign.ParseAddress(to)
	if err != nil {
		return "", invalid("to", err)
	}
	contacts, err := db.ContactIDsAt(ctx, []string{address})
	if err != nil {
		return "", err
	}
	if id, ok := contacts[address]; ok {
		return "", &store.Error{Kind: ErrRefused, Text: fmt.Sprintf("%s is contact %d: a test goes to an address that is no contact's", address, id)}
	}
	return address, nil
}
