package operator

import (
	"context"
	"errors"

	"relance/internal/campaign"
	"relance/internal/store"
)

// Campaign is one line of the list of campaigns.
type Campaign struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Owner  string `json:"owner"`
	Sender string `json:"sender"`
	// SenderStatus is connected, in_error or removed; empty without a sender.
	SenderStatus campaign.AccountStatus `json:"senderStatus"`
	// Senders are several, of which any takes a contact that nobody has mailed; Sender is
	// the first of them. Left out when Sender is everybody's.
	Senders []CampaignSender `json:"senders,omitempty"`
	Paused  bool             `json:"paused"`
	// Window is when its messages leave; left out when they always may, but on holidays.
	Window *SendWindow `json:"window,omitempty"`
	Steps  int         `json:"steps"`
}

// CampaignSender is one of several senders of a campaign.
type CampaignSender struct {
	Address string                 `json:"address"`
	Status  campaign.AccountStatus `json:"status"`
	// Contacts are those under way that it has mailed: their next email is its. Only
	// CampaignDetails counts them.
	Contacts int `json:"contacts"`
	// Former is true of one that has mailed some of them, and takes no new ones.
	Former bool `json:"former,omitempty"`
}

// CampaignDetails is a campaign with its steps.
type CampaignDetails struct {
	Campaign
	// Unmailed counts the contacts under way that any of several senders takes.
	Unmailed int    `json:"unmailed,omitempty"`
	Steps    []Step `json:"steps"`
	// Elsewhere counts those that stand at steps which the campaign has no more.
	Elsewhere map[campaign.Status]int `json:"elsewhere,omitempty"`
	// HeardElsewhere counts what was heard about no step of the campaign as it is now.
	HeardElsewhere map[HeardAs]int `json:"heardElsewhere,omitempty"`
}

// Step is a step with its texts, and how far contacts have come.
type Step struct {
	ID   string        `json:"id"`
	Kind campaign.Kind `json:"kind"`
	// Wait is 3d, 3bd, 12h, 90m or 30s, for a step that waits.
	Wait    string `json:"wait,omitempty"`
	ReplyTo string `json:"replyTo,omitempty"`
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"`
	Text    string `json:"text,omitempty"`
	// Reached counts those that stand at the step or have gone past it; Sent its
	// messages that were accepted.
	Reached int `json:"reached"`
	Sent    int `json:"sent"`
	// Contacts counts those that stand at the step, by status; as in Statuses, who has
	// waited long enough is Active.
	Contacts map[campaign.Status]int `json:"contacts"`
	// Disenrolled counts those that were taken out of the campaign at the step.
	Disenrolled int `json:"disenrolled"`
	// Heard counts those who have answered its message so, each once: replied, unsubscribed,
	// complained, left, and bounced after it was accepted.
	Heard map[HeardAs]int `json:"heard"`
}

// Campaigns lists the campaigns by key.
func (o *Operator) Campaigns(ctx context.Context) ([]Campaign, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	campaigns, err := db.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := db.AccountUses(ctx)
	if err != nil {
		return nil, err
	}
	status := map[string]campaign.AccountStatus{}
	for _, account := range accounts {
		status[account.Address] = account.Status
	}
	calendar, err := db.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	lines := []Campaign{}
	for _, of := range campaigns {
		line := Campaign{Key: of.Key, Name: of.Name, Owner: of.Owner, Sender: of.Sender, SenderStatus: status[of.Sender], Paused: of.Paused, Window: windowOf(of.Window, calendar), Steps: len(of.Steps)}
		for _, address := range of.Senders {
			line.Senders = append(line.Senders, CampaignSender{Address: address, Status: status[address]})
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Campaign returns one campaign with its steps; a NotFound when there is none.
func (o *Operator) Campaign(ctx context.Context, key string) (CampaignDetails, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return CampaignDetails{}, err
	}
	of, err := db.Campaign(ctx, key)
	if err != nil {
		return CampaignDetails{}, err
	}
	counts, err := db.StepCounts(ctx, key)
	if err != nil {
		return CampaignDetails{}, err
	}
	lines, err := o.Campaigns(ctx)
	if err != nil {
		return CampaignDetails{}, err
	}
	for _, line := range lines {
		if line.Key == key {
			shown := CampaignDetails{Campaign: line}
			shown.Steps, shown.Elsewhere = funnel(of.Steps, counts)
			heard, err := db.HeardBySteps(ctx, key)
			if err != nil {
				return shown, err
			}
			shown.HeardElsewhere = countHeard(shown.Steps, heard)
			return shown, shown.countSenders(ctx, db)
		}
	}
	return CampaignDetails{}, &NotFound{Thing: CampaignThing, Key: key}
}

// Sender is what SetSender has done.
type Sender struct {
	Changed
	// Account is the new sender, without its password; it may be in error.
	Account campaign.EmailAccount `json:"-"`
}

// SetSender selects the email account that a campaign sends with; an empty
// address selects none. A NotFound when there is no such campaign or account,
// an AccountIs when the account has been removed, an ErrRefused when it could never send.
func (o *Operator) SetSender(ctx context.Context, key, address string) (Sender, error) {
	db, err := o.campaigns(ctx, key)
	if err != nil {
		return Sender{}, err
	}
	if address != "" {
		address = stored(address)
	}
	account, change, err := db.SetSender(ctx, key, address, o.by)
	var removed *store.SenderRemoved
	switch {
	case errors.Is(err, ErrNotFound):
		return Sender{}, o.noSuchAccount(ctx, db, address)
	case errors.As(err, &removed):
		return Sender{}, &AccountIs{Address: address, Status: campaign.AccountRemoved, Text: removed.Error()}
	case err != nil:
		return Sender{}, err
	}
	var out Sender
	if account != nil {
		out.Account = *account
	}
	out.Changed, err = o.changed(ctx, db, change)
	return out, err
}
