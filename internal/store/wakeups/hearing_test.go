package wakeups

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"relance/internal/campaign"
	"relance/internal/inbound"
	"relance/internal/store"
)

// mailboxes are what lies in the accounts' mailboxes, and what the readers have heard of it.
type mailboxes struct {
	mutex   sync.Mutex
	answers map[string][]store.Inbound
	uid     uint32
	calm    atomic.Bool // every mailbox can be read
	// hearing is held for reading while a no is heard and noted.
	hearing sync.RWMutex
}

func (w *world) readMailboxes() {
	w.mail = &mailboxes{answers: map[string][]store.Inbound{}}
	for _, address := range accounts {
		w.must(w.setMailbox(address, true))
	}
	for i := range 2 {
		w.flows.group.Go(func() { w.reads(fmt.Sprintf("reader %d", i)) })
	}
}

func (w *world) setMailbox(address string, read bool) error {
	var imap *campaign.IMAP
	if read {
		imap = &campaign.IMAP{Host: "127.0.0.1", Port: 143, TLS: campaign.TLSNone}
	}
	_, err := w.SetMailbox(w.ctx, address, imap, "test")
	return ignore(err)
}

func init() {
	breaks = append(breaks,
		func(w *world) error { return w.setMailbox(w.anyAccount(), false) },
		func(w *world) error { return w.answers(inbound.Reply) },
		func(w *world) error { return w.answers(inbound.OutOfOffice) },
		func(w *world) error { return w.answers(inbound.OutOfOffice) },
		(*world).unsubscribes)
	mends = append(mends,
		func(w *world) error { return w.setMailbox(w.anyAccount(), true) },
		func(w *world) error { return w.setMailbox(w.anyAccount(), true) },
		func(w *world) error { return w.release(w.anyContact()) })
}

// answers puts an answer into a mailbox: a reader finds it at its next look.
func (w *world) answers(kind inbound.Kind) error {
	if kind == inbound.Reply && !w.dice.oneIn(2) { // somebody must be left
		return nil
	}
	e := w.anybody()
	if e == nil {
		return nil
	}
	w.mail.mutex.Lock()
	defer w.mail.mutex.Unlock()
	w.mail.uid++
	address := w.anyAccount()
	answer := store.Inbound{
		Address: address, Folder: "INBOX", UIDValidity: 1, UID: w.mail.uid, ArrivedAt: time.Now(), Raw: fmt.Append(nil, "answer ", w.mail.uid), Named: e.id,
		Mail:    inbound.Mail{MessageID: fmt.Sprintf("answer-%d@contoso.example", w.mail.uid)},
		Verdict: inbound.Verdict{Kind: kind, Reason: "it says so"},
	}
	if kind == inbound.OutOfOffice {
		answer.AwayUntil = time.Now().Add(72 * time.Hour)
	}
	w.mail.answers[address] = append(w.mail.answers[address], answer)
	return nil
}

func (w *world) anybody() (e *enrollment) {
	key := letter(w.anyCampaign(), w.anyContact(), "")
	w.flows.locked(func() { e = w.flows.all[key] })
	return e
}

// unsubscribes is the link of an email, for one who has had an email.
func (w *world) unsubscribes() error {
	e := w.anybody()
	if e == nil || !w.dice.oneIn(8) || !w.wasMailed(e) {
		return nil
	}
	w.mail.hearing.RLock()
	defer w.mail.hearing.RUnlock()
	theirs := w.enrollmentsOf(e.contact)
	if err := ignore(w.Unsubscribe(w.ctx, e.id)); err != nil {
		return err
	}
	w.count("unsubscribed")
	w.post.silence(theirs, fmt.Sprintf("the link of enrollment %d", e.id))
	return nil
}

func (w *world) wasMailed(e *enrollment) bool {
	for _, step := range []string{"intro", "city", "more"} {
		if times, _ := w.post.has(letter(e.key, e.contact, step)); times > 0 {
			return true
		}
	}
	return false
}

// enrollmentsOf are a person's that have begun.
func (w *world) enrollmentsOf(contact int64) (theirs []string) {
	w.flows.locked(func() {
		for _, e := range w.flows.all {
			if e.contact == contact {
				theirs = append(theirs, letter(e.key, contact, ""))
			}
		}
	})
	return theirs
}

func (w *world) release(contact int64) error {
	_, err := w.Release(w.ctx, contact, "test")
	return err
}

// reads is one of two readers, which dies now and then between two statements.
func (w *world) reads(name string) {
	for !w.flows.isStopped() {
		address := w.anyAccount()
		if err := w.look(address, name); err != nil && !errors.Is(err, store.ErrNotRead) && !w.flows.isStopped() {
			w.t.Errorf("a reader: %v", err)
			return
		}
		w.awaitChange(5 * time.Millisecond)
	}
}

// look reads a mailbox to its end, or does not.
func (w *world) look(address, name string) error {
	mailbox, _, err := w.TakeMailbox(w.ctx, address, name)
	if err != nil {
		return err
	}
	if w.dice.oneIn(12) && !w.mail.calm.Load() {
		w.count("mailbox failed")
		_, err := w.MailboxFailed(w.ctx, address, mailbox.Lease, "NO [AUTHENTICATIONFAILED] no", nil, true)
		return err
	}
	now, _, err := w.Cursors(w.ctx, address, mailbox.Lease)
	if err != nil {
		return err
	}
	w.mail.mutex.Lock()
	answers := w.mail.answers[address]
	w.mail.mutex.Unlock()
	for _, answer := range answers {
		if err := w.hear(answer, mailbox.Generation); err != nil {
			return err
		}
		if w.dice.oneIn(10) {
			w.count("reader killed")
			return nil
		}
	}
	if err := w.CompleteLook(w.ctx, address, mailbox.Lease, now); err != nil {
		return err
	}
	if !w.dice.oneIn(4) { // else they are all found again
		w.mail.mutex.Lock()
		w.mail.answers[address] = w.mail.answers[address][len(answers):]
		w.mail.mutex.Unlock()
	}
	return w.LeaveMailbox(w.ctx, address, mailbox.Lease)
}

// hear hears one message. From its commit on, no mail may pass its gate that it speaks against (law 9).
func (w *world) hear(answer store.Inbound, generation int) error {
	answer.Generation = generation
	var contact int64
	w.flows.locked(func() {
		for _, e := range w.flows.all {
			if e.id == answer.Named {
				contact = e.contact
			}
		}
	})
	w.mail.hearing.RLock()
	defer w.mail.hearing.RUnlock()
	theirs := w.enrollmentsOf(contact)
	heard, err := w.Hear(w.ctx, answer, store.Cursor{Folder: "INBOX", UIDValidity: 1, NextUID: answer.UID + 1})
	switch {
	case err != nil || heard.ID == 0:
		return err
	case heard.State != store.HeardSettled: // it was found again in another generation
		return nil
	case answer.Verdict.Kind == inbound.Reply:
		w.count("replied")
		w.post.silence(theirs, fmt.Sprintf("reply %d to enrollment %d", heard.ID, answer.Named))
	case !heard.Held.IsZero():
		w.count("away")
	}
	return nil
}

// silence notes that nothing is sent any more in these enrollments.
func (p *post) silence(theirs []string, what string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, one := range theirs {
		p.silenced[one] = what + ", known since " + time.Now().Format(time.StampMicro)
	}
}

// unsilence notes that an operator has it begin once more, by name.
func (p *post) unsilence(one string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.silenced, one)
}

// no is what was said that keeps a letter from being sent; empty for nothing.
func (p *post) no(of string) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.silenced[of[:strings.LastIndex(of, "/")+1]]
}
