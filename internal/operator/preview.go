package operator

import (
	"context"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/message"
	"relance/internal/verdict"
)

// Preview is the messages of a campaign as one contact gets them.
type Preview struct {
	Campaign    string `json:"campaign"`
	ContactID   int64  `json:"contactId"`
	ContactName string `json:"contactName"`
	// Status is the enrollment's, StepID where it stands; empty when the contact is not enrolled.
	Status campaign.Status `json:"status"`
	StepID string          `json:"stepId"`
	Steps  []StepPreview   `json:"steps"`

	// Seen is for Seeing, when a value of the contact is filled in.
	Seen int64 `json:"-"`
}

// StepPreview is one step for one contact.
type StepPreview struct {
	StepID string        `json:"stepId"`
	Kind   campaign.Kind `json:"kind"`
	// Wait is that of a step that waits; the rest is then empty.
	Wait string `json:"wait,omitempty"`
	// From is the sender of an email, To the recipient: of an SMS the owner's phone.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Subject and Text are rendered; empty when that cannot be done, but for the subject
	// of what was sent.
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	// Message is an email as it goes over the wire. Its Message-ID, date and boundary
	// are those that the ledger has; with Claimed false they are examples, because the
	// claim makes them.
	Message string `json:"message,omitempty"`
	Claimed bool   `json:"claimed"`
	// Sent is true when the contact has had the step. The texts are those of now.
	Sent bool `json:"sent"`
	// Unthreaded is true for a reply whose earlier message has not been sent yet: it has
	// no In-Reply-To before.
	Unthreaded bool `json:"unthreaded"`
	// Problems are what would put the contact in error at this step.
	Problems []PreviewProblem `json:"problems"`

	// Step is the step with its templates.
	Step campaign.Step `json:"-"`
}

// PreviewProblem is one entry of the catalogue.
type PreviewProblem struct {
	Code     failure.Code `json:"code"`
	Title    string       `json:"title"`
	Detail   string       `json:"detail"`
	HowToFix string       `json:"howToFix"`
	// Words are the parts of the detail, as of a contact in error.
	Words *failure.Words `json:"words,omitempty"`
	// Variable is the contact's value that a template misses; empty for anything else.
	Variable string `json:"variable,omitempty"`
}

// Preview renders the messages of a campaign for a contact, enrolled or not, as the
// worker would now: with the same templates, the same checks and the same headers.
// stepID names one step; empty is all. A NotFound when there is no such campaign,
// contact or step. It changes nothing.
func (o *Operator) Preview(ctx context.Context, key string, contactID int64, stepID string) (Preview, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Preview{}, err
	}
	seen := []InError{{ContactID: contactID}}
	if err := o.seen(ctx, db, seen); err != nil { // before the rest: what is fixed meanwhile was not seen
		return Preview{}, err
	}
	outlook, err := db.Outlook(ctx, key, contactID)
	if err != nil {
		return Preview{}, err
	}
	outlook.Facts.Campaign.Paused = false // it only says when
	out := Preview{
		Campaign: key, ContactID: contactID, ContactName: outlook.Facts.Contact.Name(), Status: outlook.Facts.Status, StepID: outlook.StepID,
		Steps: []StepPreview{}, Seen: seen[0].Seen,
	}
	var existing []string
	for _, step := range outlook.Facts.Campaign.Steps {
		if existing = append(existing, step.ID); stepID != "" && step.ID != stepID {
			continue
		}
		facts := outlook.Facts
		if delivery, ok := outlook.Deliveries[step.ID]; ok {
			facts.Delivery = &delivery
		}
		out.Steps = append(out.Steps, previewStep(facts, step, o.links()))
	}
	if stepID != "" && len(out.Steps) == 0 {
		return Preview{}, &NotFound{Thing: "step of " + key, Key: stepID, Existing: existing}
	}
	return out, nil
}

// NextContact is the contact that gets the next message of a campaign. An ErrNotFound
// when nobody is enrolled, a NotFound when there is no such campaign.
func (o *Operator) NextContact(ctx context.Context, key string) (int64, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return 0, err
	}
	return db.NextMember(ctx, key)
}

func previewStep(facts campaign.Facts, step campaign.Step, links message.Links) StepPreview {
	out := StepPreview{StepID: step.ID, Kind: step.Kind, Problems: []PreviewProblem{}, Step: step}
	out.Sent = facts.Delivery != nil && facts.Delivery.State == campaign.Sent
	switch step.Kind {
	case campaign.Wait:
		out.Wait = step.Waits().String()
	case campaign.Email:
		out.email(facts, step, links)
	case campaign.SMS:
		var err error
		out.To = facts.Owner.Phone
		out.Text, err = message.WriteSMS(facts, step)
		out.found(facts, campaign.CheckSMS(facts, func() error { return err }), err)
	}
	return out
}

func (p *StepPreview) email(facts campaign.Facts, step campaign.Step, links message.Links) {
	p.To = facts.Contact.Email
	email, err := message.WriteEmail(facts, step, links)
	p.found(facts, campaign.CheckEmail(facts, func() error { return err }), err)
	if facts.Account != nil {
		p.From = facts.Account.Address
	}
	if err != nil {
		if p.Sent {
			p.Subject = facts.Delivery.Subject
		}
		return
	}
	p.Subject, p.Text = email.Subject, email.Text
	p.Unthreaded = step.ReplyTo != "" && email.InReplyTo == ""
	if facts.Account == nil || p.To == "" {
		return
	}
	draft := message.NewDraft(facts, email)
	if claimed := facts.Delivery; claimed != nil {
		p.Claimed = true
		draft.MessageID, draft.Date, draft.Boundary = claimed.MessageID, claimed.Date, claimed.Boundary
	}
	bytes, err := message.Compose(*facts.Account, draft, email)
	if err != nil {
		p.add(failure.Problem{Code: verdict.OfEmail(verdict.MessageDefect).Code, Detail: err.Error()})
		return
	}
	p.Message = string(bytes)
}

// found adds what the checks have found, and what cannot be rendered where another
// problem comes before it.
func (p *StepPreview) found(facts campaign.Facts, finding campaign.Finding, err error) {
	if p.Sent {
		return // nothing keeps it any more
	}
	if finding.Problem != nil {
		p.add(*finding.Problem)
	}
	if err != nil && (finding.Problem == nil || finding.Problem.Code != failure.MessageCannotBeRendered) {
		p.add(*campaign.Unrenderable(facts, err))
	}
}

func (p *StepPreview) add(problem failure.Problem) {
	entry := problem.Code.Entry()
	p.Problems = append(p.Problems, PreviewProblem{Code: problem.Code, Title: entry.Title, Detail: problem.Detail, HowToFix: entry.HowToFix, Words: problem.Words, Variable: problem.Variable})
}
