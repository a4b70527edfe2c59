package wakeups

import (
	"errors"

	"relance/internal/store"
)

// Campaigns have several senders now and then, and contacts are moved from one to another.
func init() {
	breaks = append(breaks, severalSenders, moveSender)
	mends = append(mends, severalSenders, moveSender)
}

func severalSenders(w *world) error {
	of, err := w.Campaign(w.ctx, w.anyCampaign())
	if err != nil {
		return err
	}
	of.Senders = accounts
	if w.dice.oneIn(3) {
		of.Senders = []string{w.anyAccount()} // the other takes no new contacts
	}
	of.Sender = of.Senders[0]
	_, err = w.Apply(w.ctx, store.Workspace{Campaigns: []store.CampaignSpec{{Campaign: of}}}, "test", false)
	w.count("several senders")
	return ignore(err)
}

func moveSender(w *world) error {
	from, to := accounts[0], accounts[1]
	if w.dice.oneIn(2) {
		from, to = to, from
	}
	moved, err := w.MoveSender(w.ctx, w.anyCampaign(), from, to, "test", store.BatchOptions{})
	if moved.Contacts > 0 {
		w.count("moved")
	}
	if errors.Is(err, store.ErrRefused) { // one sender, or one that is none of them
		return nil
	}
	return ignore(err)
}
