package wakeups

import (
	"errors"
	"strconv"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// change is one thing that somebody does to the facts, whatever they are.
type change func(w *world) error

// The steps of a campaign: as they should be, with templates that are not
// valid, with a message and the wait gone, with the first two only, and with a wait that takes three days.
const (
	fine = iota
	broken
	shortened
	cut
	slow
)

var breaks = []change{
	func(w *world) error { return w.fail(w.anyAccount()) },
	func(w *world) error {
		return w.KeepAccountInError(w.ctx, account(w.anyAccount()), failure.Words{Said: "535 no"}, "test")
	},
	func(w *world) error {
		_, err := w.RemoveAccount(w.ctx, w.anyAccount(), "test", store.RemovalSeen{})
		return err
	},
	func(w *world) error { return w.setSender(w.anyCampaign(), "") },
	func(w *world) error { return w.setEmail(w.anyContact(), "") },
	func(w *world) error { return w.setEmail(w.anyContact(), "") },
	func(w *world) error { return w.setCity(w.anyContact(), "") },
	func(w *world) error { return w.addBounce(w.anyContact(), "a") },
	func(w *world) error { return w.addBounce(w.anyContact(), "b") },
	func(w *world) error { return w.setPhone(w.anyOwner(), "") },
	setPlan(campaign.Billing{Credits: 0}),
	func(w *world) error { return w.pause(w.anyCampaign()) },
	func(w *world) error { return w.apply(w.anyCampaign(), broken, w.anyOwner(), "") },
	func(w *world) error { return w.apply(w.anyCampaign(), shortened, w.anyOwner(), "") },
	func(w *world) error { return w.apply(w.anyCampaign(), cut, w.anyOwner(), "") },
	func(w *world) error { return w.apply(w.anyCampaign(), slow, w.anyOwner(), "") },
	(*world).disenrolls,
}

var mends = []change{
	func(w *world) error { return w.connect(w.anyAccount()) },
	func(w *world) error { return w.connect(w.anyAccount()) },
	func(w *world) error { return w.setSender(w.anyCampaign(), w.anyAccount()) },
	func(w *world) error { id := w.anyContact(); return w.setEmail(id, address(id, "a")) },
	func(w *world) error { id := w.anyContact(); return w.setEmail(id, address(id, "b")) },
	func(w *world) error { id := w.anyContact(); return w.importEmail(id, address(id, "a")) },
	func(w *world) error { return w.setCity(w.anyContact(), "Ghent") },
	func(w *world) error { return w.removeBounce(w.anyContact(), "a") },
	func(w *world) error { return w.removeBounce(w.anyContact(), "b") },
	func(w *world) error { return w.setPhone(w.anyOwner(), "+32475000001") },
	func(w *world) error { return w.addCredits(int64(1 + w.dice.below(4))) },
	func(w *world) error { return w.addCredits(int64(1 + w.dice.below(4))) },
	setPlan(campaign.Billing{Unlimited: true}),
	func(w *world) error {
		_, err := w.SetPaused(w.ctx, w.anyCampaign(), false, "test", store.BatchOptions{})
		return err
	},
	func(w *world) error { return w.apply(w.anyCampaign(), fine, w.anyOwner(), w.anyAccount()) },
	func(w *world) error { return w.answerDoubts(3) },
	func(w *world) error {
		_, _, err := w.EnrollAgain(w.ctx, w.anyCampaign(), []int64{w.anyContact(), w.anyContact(), w.anyContact()}, "test", store.BatchOptions{})
		return ignore(err)
	},
	func(w *world) error {
		return ignore(resumed(w.RequestResume(w.ctx, store.Selection{Code: failure.SendingFailed}, campaign.Resume{}, store.BatchOptions{})))
	},
	func(w *world) error {
		return ignore(resumed(w.RequestResume(w.ctx, store.Selection{Contacts: []int64{w.anyContact()}}, campaign.Resume{}, store.BatchOptions{})))
	},
}

func init() {
	breaks, mends = append(breaks, breaksTimes...), append(mends, mendsTimes...)
}

func (w *world) anyAccount() string  { return pick(w.dice, accounts) }
func (w *world) anyOwner() string    { return pick(w.dice, owners) }
func (w *world) anyContact() int64   { return int64(1 + w.dice.below(contacts)) }
func (w *world) anyCampaign() string { return pick(w.dice, w.campaigns[max(0, len(w.campaigns)-3):]) }

// ignore accepts the refusals that an operator gets when things are otherwise than they thought.
func ignore(err error) error {
	if errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func resumed(_ store.Requested, err error) error { return err }

func (w *world) fail(sender string) error {
	read, err := w.EmailAccount(w.ctx, sender)
	if err != nil {
		return err
	}
	return w.AccountFailed(w.ctx, sender, read.Epoch, failure.Words{Said: "535 no"}, "test")
}

func (w *world) connect(sender string) error {
	_, err := w.ConnectAccount(w.ctx, account(sender), "test")
	return err
}

func (w *world) pause(key string) error {
	if w.staleAttempts {
		return nil
	}
	_, err := w.SetPaused(w.ctx, key, true, "test", store.BatchOptions{})
	return err
}

func (w *world) setSender(key, sender string) error {
	_, _, err := w.SetSender(w.ctx, key, sender, "test")
	return ignore(err)
}

func (w *world) setEmail(id int64, email string) error {
	_, _, err := w.SetContact(w.ctx, id, store.ContactEdit{Email: &email}, "test")
	return ignore(err)
}

// importEmail gives an address to a contact that has none. If it has the other
// one, this is somebody new, who takes the address away: no matter.
func (w *world) importEmail(id int64, email string) error {
	_, err := w.Import(w.ctx, []store.ImportRow{{Contact: campaign.Contact{FirstName: "C", Email: email, RecordID: strconv.FormatInt(id, 10)}}}, store.ImportOptions{})
	return err
}

func (w *world) setCity(id int64, city string) error {
	_, _, err := w.SetContact(w.ctx, id, store.ContactEdit{Fields: map[string]string{"city": city}}, "test")
	return err
}

func (w *world) addBounce(id int64, which string) error {
	_, err := w.AddBounce(w.ctx, address(id, which), "550 no", "test")
	return err
}

func (w *world) removeBounce(id int64, which string) error {
	_, err := w.RemoveBounce(w.ctx, address(id, which), "test")
	return ignore(err)
}

func (w *world) setPhone(owner, phone string) error {
	_, _, err := w.SetUser(w.ctx, owner, store.UserEdit{Phone: &phone}, "test")
	return err
}

func (w *world) addCredits(count int64) error {
	_, did, err := w.AddCredits(w.ctx, count, "test")
	return w.book(did, err)
}

func setPlan(plan campaign.Billing) change {
	return func(w *world) error { return w.book(w.SetPlan(w.ctx, plan.Unlimited, &plan.Credits, "test")) }
}

// book keeps account of the credits that were given or taken.
func (w *world) book(did store.Change, err error) error {
	for _, edit := range did.Edits {
		if edit.Field == "credits" {
			from, _ := strconv.ParseInt(edit.From, 10, 64)
			to, _ := strconv.ParseInt(edit.To, 10, 64)
			w.granted.Add(to - from)
		}
	}
	return err
}

// apply applies a campaign; sender "" keeps the one that it has.
func (w *world) apply(key string, texts int, owner, sender string) error {
	steps := []campaign.Step{
		{ID: "tell", Kind: campaign.SMS, Text: "{{ first_name }} is enrolled"},
		{ID: "intro", Kind: campaign.Email, Subject: "Hi", Body: "Hello"},
		{ID: "city", Kind: campaign.Email, Subject: "Hi", Body: "How is {{ city }}?"},
		{ID: "wait", Kind: campaign.Wait, Wait: 1},
		{ID: "more", Kind: campaign.Email, ReplyTo: "intro", Body: "More"},
		{ID: "done", Kind: campaign.SMS, Text: "{{ first_name }} is done"},
	}
	switch texts {
	case broken:
		steps[1].Body, steps[4].Body, steps[5].Text = "{{ first_name", "{% if %}", "{{ nobody }}"
	case shortened:
		steps = append(steps[:2], steps[4:]...)
	case cut:
		steps = steps[:2]
		w.post.mutex.Lock()
		w.post.cut[key] = true
		w.post.mutex.Unlock()
	case slow:
		steps[3].Wait = 72 * time.Hour
	}
	users := make([]campaign.User, len(owners))
	for i, owner := range owners {
		users[i] = campaign.User{Key: owner, Name: owner}
	}
	_, err := w.Apply(w.ctx, store.Workspace{Users: users, Campaigns: []store.CampaignSpec{{
		Campaign:   campaign.Campaign{Key: key, Name: key, Owner: owner, Sender: sender, Steps: steps},
		KeepSender: sender == "",
	}}}, "test", false)
	return ignore(err)
}
