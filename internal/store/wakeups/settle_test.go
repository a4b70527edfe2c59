package wakeups

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/store"
)

// mendSome repairs most of what is broken, and nothing else: a change of what is
// well would signal again the enrollments that an earlier fix has not reached.
func (w *world) mendSome() {
	w.t.Helper()
	var all []change
	broken := func(sql string, args ...any) bool {
		var broken bool
		w.must(w.db.QueryRow(w.ctx, sql, args...).Scan(&broken))
		return broken
	}
	for _, sender := range accounts {
		if broken(`SELECT status <> 'connected' FROM email_accounts WHERE address = $1`, sender) {
			all = append(all, func(w *world) error { return w.connect(sender) })
		}
	}
	for _, owner := range owners {
		if broken(`SELECT phone = '' FROM users WHERE key = $1`, owner) {
			all = append(all, func(w *world) error { return w.setPhone(owner, "+32475000001") })
		}
	}
	for _, key := range w.campaigns {
		of, err := w.Campaign(w.ctx, key)
		w.must(err)
		if of.Sender == "" {
			all = append(all, func(w *world) error { return w.setSender(key, w.anyAccount()) })
		}
		all = append(all,
			func(w *world) error {
				_, err := w.SetPaused(w.ctx, key, false, "test", store.BatchOptions{})
				return err
			},
			func(w *world) error { return w.apply(key, fine, of.Owner, "") })
	}
	for id := int64(1); id <= contacts; id++ {
		if broken(`SELECT email = '' FROM contacts WHERE id = $1`, id) {
			all = append(all, func(w *world) error { return w.setEmail(id, address(id, "a")) })
		}
		all = append(all,
			func(w *world) error { return w.removeBounce(id, "a") },
			func(w *world) error { return w.setCity(id, "Ghent") })
	}
	if broken(`SELECT NOT unlimited AND credits = 0 FROM plan`) {
		all = append(all, func(w *world) error { return w.addCredits(5) })
	}
	all = append(all, func(w *world) error { return w.answerDoubts(1) })
	for _, mend := range all {
		if !w.dice.oneIn(4) {
			w.must(w.commit(mend))
		}
	}
}

// answerDoubts looks in the Sent folder for one in so many uncertain deliveries.
func (w *world) answerDoubts(oneIn int) error {
	doubts, err := w.Errors(w.ctx, store.ErrorFilter{Code: failure.DeliveryUncertain}, 0, 100)
	if err != nil {
		return err
	}
	for _, doubt := range doubts {
		if !w.dice.oneIn(oneIn) {
			continue
		}
		answer := campaign.AssumeNotSent
		times, final := w.post.has(letter(doubt.Campaign, doubt.Contact.ID, doubt.StepID))
		w.flows.locked(func() { // those of the rounds before are of other dates
			times -= w.flows.all[letter(doubt.Campaign, doubt.Contact.ID, "")].had[doubt.StepID]
		})
		switch {
		case times > 0:
			answer = campaign.AssumeSent
		case !final: // it would be a lie
			continue
		}
		selection := store.Selection{Campaign: doubt.Campaign, Contacts: []int64{doubt.Contact.ID}}
		if err := ignore(resumed(w.RequestResume(w.ctx, selection, campaign.Resume{Assume: answer}, store.BatchOptions{}))); err != nil {
			return err
		}
	}
	return nil
}

// settle drains the outbox until it is empty and nobody does anything.
func (w *world) settle() {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		w.awaitQuiet(deadline)
		open, err := w.OpenEntries(w.ctx)
		w.must(err)
		line := w.inLine()
		if len(open) == 0 && line == 0 || w.t.Failed() {
			return
		}
		require.True(w.t, time.Now().Before(deadline), "%d stand in a line that does not move (laws 2 and 3), or the outbox does not become empty: %+v\n%s", line, open, w.lineNow())
		w.releaseAll()
		w.wake()
		w.awaitQuiet(deadline)
		// A credit is set aside for a contact that was woken for it, and who has not heard of it
		// is signalled when that time is over: it is over.
		_, err = w.db.Exec(w.ctx, `UPDATE parked_on SET woken_at = woken_at - interval '1 hour'`)
		w.must(err)
	}
}

func (w *world) awaitQuiet(deadline time.Time) {
	w.t.Helper()
	f := w.flows
	late := time.AfterFunc(time.Until(deadline), func() { f.locked(func() {}) })
	defer late.Stop()
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for !f.stopped && !f.quiet() {
		if !time.Now().Before(deadline) {
			require.Fail(w.t, "somebody is busy for ever", "%s", f.busy())
		}
		f.moved.Wait()
	}
}

// busy says who is.
func (f *flows) busy() (text string) {
	for _, e := range f.all {
		if !e.quiet() {
			text += fmt.Sprintf("%s: status %s, left %d, leaving %q, edited %v, step %d, next %+v, park %v, in line %v, waits until %v, turn %d\n%s\n",
				letter(e.key, e.contact, e.plan().ID), e.status, e.left, e.leaving, e.edited, e.step, e.next, e.park, e.inLine, e.waits, e.turn, f.w.story(e))
		}
	}
	return text
}

func (f *flows) quiet() bool {
	for _, e := range f.all {
		if !e.quiet() {
			return false
		}
	}
	return true
}
