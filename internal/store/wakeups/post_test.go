package wakeups

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"relance/activities"
	"relance/internal/campaign"
	"relance/internal/liquid"
	"relance/internal/verdict"
)

// post is every mail server and the SMS provider: they accept at once, and now
// and then they do not, or their answer is lost.
type post struct {
	dice  *dice
	mutex sync.Mutex
	// accepted counts by campaign, contact and step; open counts those that have
	// passed the gate and may be accepted yet.
	accepted, open map[string]int
	// silenced are the enrollments whose person has said no; late is the first email after that.
	silenced map[string]string // and what it was
	// doubted are those that may be accepted once more than the ledger knows, of a round before.
	doubted map[string]bool
	late    string
	// cut are the campaigns that had their first two messages only once.
	cut map[string]bool
}

func letter(key string, contact int64, step string) string {
	return fmt.Sprintf("%s/%d/%s", key, contact, step)
}

var refusals = []activities.NotAccepted{
	{Verdict: verdict.AccountError, Words: "535 no"},
	{Verdict: verdict.AccountLimit, Words: "452 not so fast", RetryAfter: 10 * time.Millisecond},
	{Verdict: verdict.HardBounce, Words: "550 5.1.1 nobody"},
	{Verdict: verdict.Transient, Words: "451 later"},
	{Verdict: verdict.Transient, Words: "451 later"},
}

func (p *post) send(ctx context.Context, text string, gate activities.Gate, refusals []activities.NotAccepted, between func()) (string, error) {
	of, _, _ := strings.Cut(text, "\n")
	if p.dice.oneIn(15) {
		refused := pick(p.dice, refusals)
		return "", &refused
	}
	p.count(p.open, of, 1)
	defer p.count(p.open, of, -1)
	no := p.no(of)
	if err := gate(ctx); err != nil {
		return "", err
	}
	if no != "" {
		p.mutex.Lock()
		p.late = fmt.Sprintf("%s at %s, after %s", of, time.Now().Format(time.StampMicro), no)
		p.mutex.Unlock()
	}
	between()
	defer between()
	switch p.dice.below(40) {
	case 0:
		refused := pick(p.dice, refusals)
		return "", &refused
	case 1: // cut before the message has been taken
		return "", &activities.Unanswered{Words: "cut", Err: errors.New("cut")}
	case 2:
		p.count(p.accepted, of, 1)
		return "", &activities.Unanswered{Words: "cut", Err: errors.New("cut")}
	}
	p.count(p.accepted, of, 1)
	return "250 ok", nil
}

func (p *post) count(what map[string]int, of string, more int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	what[of] += more
}

// has is how often a message was accepted: what an operator sees in the Sent
// folder. Final is false while somebody may still hand it over.
func (p *post) has(of string) (times int, final bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.accepted[of], p.open[of] == 0
}

// mailServers are the activities' Postman; the first line of a text says whose it is.
type mailServers struct {
	*post
	between func()
}

func (mailServers) Write(facts campaign.Facts, step campaign.Step) (activities.Email, error) {
	text, err := liquid.Render("body", step.Body, liquid.Vars(facts.Contact))
	return activities.Email{Subject: "Hi", Text: letter(facts.Campaign.Key, facts.Contact.ID, step.ID) + "\n" + text}, err
}

func (mailServers) NewDraft(facts campaign.Facts, email activities.Email) campaign.Draft {
	return campaign.Draft{
		Kind: campaign.Email, Account: facts.Account.Address, AccountEpoch: facts.Account.Epoch, Recipient: facts.Contact.Email,
		Subject: email.Subject, MessageID: "m@northwind.example", Date: facts.Now, CostsCredit: !facts.Billing.Unlimited,
	}
}

func (m mailServers) Reserve(context.Context, campaign.EmailAccount, time.Duration) (activities.Connection, time.Duration, error) {
	return m, 0, nil
}

func (mailServers) Release() {}

func (m mailServers) Send(ctx context.Context, _ campaign.Delivery, email activities.Email, gate activities.Gate) (string, error) {
	return m.send(ctx, email.Text, gate, refusals, m.between)
}

// smsProvider is the activities' Texter.
type smsProvider struct {
	*post
	between func()
}

func (smsProvider) Write(facts campaign.Facts, step campaign.Step) (string, error) {
	text, err := liquid.Render("text", step.Text, liquid.Vars(facts.Contact))
	return letter(facts.Campaign.Key, facts.Contact.ID, step.ID) + "\n" + text, err
}

func (s smsProvider) Send(ctx context.Context, _, text string, gate activities.Gate) (string, error) {
	return s.send(ctx, text, gate, refusals[3:], s.between)
}
