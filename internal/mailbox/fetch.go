package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"relance/internal/mail/imap"
	"relance/internal/plaintext"
)

// fetch keeps these messages: many with one command, and after a failure one by one, so
// that a message over which the server or the connection stumbles stops no other.
func (p *pass) fetch(ctx context.Context, uids []uint32) error {
	for some := range slices.Chunk(uids, batch) {
		left := slices.Clone(some)
		err := p.get(ctx, some, imap.Whole, func(uid uint32) {
			left = slices.DeleteFunc(left, func(one uint32) bool { return one == uid })
		})
		if err := p.recover(ctx, err); err != nil {
			return err
		}
		for _, uid := range left {
			if err := p.one(ctx, uid); err != nil {
				return err
			}
		}
	}
	return nil
}

// notKept is an error of the Memory: it is nobody's fault who sends or serves mail.
type notKept struct{ error }

func (e notKept) Unwrap() error { return e.error }

// get fetches and keeps, and says which messages it has got.
func (p *pass) get(ctx context.Context, uids []uint32, part imap.Part, got func(uid uint32)) error {
	return p.client.Fetch(ctx, uids, part, p.Limits, func(fetched imap.Fetched) error {
		arrived := fetched.ArrivedAt
		switch {
		case !p.since.IsZero() && !arrived.IsZero() && arrived.Before(p.since):
			p.older[p.place(fetched.UID)] = true
			got(fetched.UID)
			return nil
		case arrived.IsZero():
			arrived = p.now()
		}
		if err := p.keep(ctx, Message{UID: fetched.UID, ArrivedAt: arrived, Size: fetched.Size, Raw: fetched.Raw}); err != nil {
			return notKept{err}
		}
		got(fetched.UID)
		return nil
	})
}

// recover makes the connection good again after a fetch that failed, and returns what is
// no matter of the messages: an error of the Memory, the end of the context, a server that
// cannot be reached any more.
func (p *pass) recover(ctx context.Context, err error) error {
	var kept notKept
	var fault *imap.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kept):
		return kept.error
	case !errors.As(err, &fault):
		return err
	case fault.Answered:
		return nil
	}
	if err := p.reconnect(ctx, p.folder.Name); err != nil {
		return err
	}
	return p.unmoved(ctx)
}

// unmoved makes sure that the UIDs mean what they did.
func (p *pass) unmoved(ctx context.Context) error {
	state, err := p.client.Examine(ctx, p.folder.Name)
	if err == nil && state.UIDValidity != p.uidValidity {
		err = &imap.Error{Fault: imap.Unreachable, At: "the folder " + p.folder.Name, Err: errors.New("it has got a new UIDVALIDITY meanwhile")}
	}
	return err
}

// These are in how many looks a message may fail when nothing shows that others can be
// fetched, and when the server has asked to come back later.
const (
	looksBeforeGivingUp = 3
	looksWhenPutOff     = 20
)

// one keeps a message that could not be fetched with others. After three failures it is
// kept as unreadable, if another message of the folder can be fetched or the same has
// happened in other looks: a server that gives nothing to anybody is no fault of the
// message.
func (p *pass) one(ctx context.Context, uid uint32) error {
	done := false
	got := func(uint32) { done = true }
	var why error
	for _, part := range []imap.Part{imap.Whole, imap.Content, imap.Content} {
		err := p.get(ctx, []uint32{uid}, part, got)
		if done {
			return p.recover(ctx, err)
		}
		if why = err; err == nil {
			there, err := p.client.Has(ctx, uid)
			if err == nil && !there {
				return nil // deleted meanwhile
			}
			if err := p.recover(ctx, err); err != nil {
				return err
			}
			why = errors.New("the server lists the message and gives no content for it")
		}
		if err := p.recover(ctx, err); err != nil {
			return err
		}
	}
	others, err := p.othersCanBeHad(ctx, uid)
	if err != nil {
		return err
	}
	most := looksBeforeGivingUp
	if fault := (*imap.Error)(nil); errors.As(why, &fault) && fault.Later {
		most = looksWhenPutOff
	}
	at := p.place(uid)
	if p.failed[at]++; !others && p.failed[at] < most {
		return &imap.Error{Fault: imap.Unreachable, At: "message " + fmt.Sprint(uid) + " of " + p.folder.Name, Err: why}
	}
	p.log().Warn("a message cannot be read; it is kept as unreadable", "folder", p.folder.Name, "uid", uid)
	return p.unreadable(ctx, uid, why)
}

// othersCanBeHad is true when the server gives the header of another message.
func (p *pass) othersCanBeHad(ctx context.Context, uid uint32) (yes bool, err error) {
	ends, err := p.client.Ends(ctx)
	if err != nil {
		return false, p.recover(ctx, err)
	}
	ends = slices.DeleteFunc(ends, func(one uint32) bool { return one == uid })
	err = p.client.Fetch(ctx, ends[:min(1, len(ends))], imap.Header, p.Limits, func(imap.Fetched) error { yes = true; return nil })
	return yes, p.recover(ctx, err)
}

// unreadable keeps a message with why it cannot be read, and its header if that can be had.
func (p *pass) unreadable(ctx context.Context, uid uint32, why error) error {
	message := Message{UID: uid, ArrivedAt: p.now(), Unreadable: plaintext.Line(why.Error(), 300)}
	err := p.client.Fetch(ctx, []uint32{uid}, imap.Header, p.Limits, func(fetched imap.Fetched) error {
		message.Raw = fetched.Raw
		return nil
	})
	if err := p.recover(ctx, err); err != nil {
		return err
	}
	return p.keep(ctx, message)
}
