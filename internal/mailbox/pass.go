package mailbox

import (
	"context"
	"slices"
	"time"

	"relance/internal/mail/imap"
)

// pass is the reading of one folder in a look.
type pass struct {
	*look
	folder      imap.Folder
	uidValidity uint32
	// cursor is as the Memory has it.
	cursor Cursor
	// pending are the UIDs, ascending, that the cursor must not pass; nil leaves the cursor
	// where it is.
	pending []uint32
	// since leaves out what had arrived before; zero leaves out nothing.
	since time.Time
}

// from is when the messages arrived that are looked for where no cursor helps: some days
// before the last complete look, and never before reading was set up.
func (p *pass) from() time.Time {
	from := p.progress.Since
	if looked := p.progress.Looked; !looked.IsZero() && looked.Add(-reconcileBack).After(from) {
		from = looked.Add(-reconcileBack)
	}
	return from.Truncate(time.Second) // INTERNALDATE has no parts of a second
}

// catchUp reads a folder that has no cursor, or none that is still good. The cursor stays
// as it is until all has been kept, so that a reader that is killed begins again.
func (p *pass) catchUp(ctx context.Context, state imap.State) error {
	if state.Exists > 0 {
		if err := p.unseenSince(ctx, p.from(), 0); err != nil {
			return err
		}
	}
	p.cursor = Cursor{Folder: p.folder.Name, Role: p.folder.Role, UIDValidity: state.UIDValidity, NextUID: max(1, state.UIDNext), ReconciledAt: p.began}
	return p.Memory.Advance(ctx, p.cursor)
}

// reconcile keeps what the cursor has passed without having seen it.
func (p *pass) reconcile(ctx context.Context) error {
	from := p.began.Add(-reconcileBack)
	if since := p.progress.Since; since.After(from) {
		from = since
	}
	if err := p.unseenSince(ctx, from, p.cursor.NextUID); err != nil {
		return err
	}
	p.cursor.ReconciledAt = p.began
	return p.Memory.Advance(ctx, p.cursor)
}

// unseenSince keeps what has arrived since and has no row, below a UID unless that is 0.
func (p *pass) unseenSince(ctx context.Context, from time.Time, below uint32) error {
	uids, err := p.client.Since(ctx, from)
	if err != nil {
		return err
	}
	uids = slices.DeleteFunc(uids, func(uid uint32) bool { return below != 0 && uid >= below || p.older[p.place(uid)] })
	if len(uids) > 0 {
		if uids, err = p.Memory.Unseen(ctx, p.folder.Name, p.uidValidity, uids); err != nil {
			return err
		}
	}
	p.pending, p.since = nil, p.progress.Since.Truncate(time.Second)
	return p.fetch(ctx, uids)
}

// goOn keeps what the cursor has not reached yet, and says how many messages those were.
func (p *pass) goOn(ctx context.Context) (found int, err error) {
	for {
		uids, err := p.client.UIDs(ctx, p.cursor.NextUID)
		if err != nil || len(uids) == 0 {
			return found, err
		}
		found += len(uids)
		before := p.cursor.NextUID
		p.pending, p.since = uids, time.Time{}
		if err := p.fetch(ctx, slices.Clone(uids)); err != nil {
			return found, err
		}
		// What is left was listed and then deleted: the cursor may pass it.
		p.pending = nil
		if last := uids[len(uids)-1]; p.cursor.NextUID <= last {
			p.cursor.NextUID = last + 1
			if err := p.Memory.Advance(ctx, p.cursor); err != nil {
				return found, err
			}
		}
		if p.cursor.NextUID == before { // the last UID that there can be
			return found, nil
		}
	}
}

func (p *pass) place(uid uint32) place { return place{p.folder.Name, p.uidValidity, uid} }

// keep hands one message to the Memory, with the cursor behind it unless one before it is
// still to come: servers send in any order.
func (p *pass) keep(ctx context.Context, message Message) error {
	next := p.cursor
	if p.pending != nil {
		p.pending = slices.DeleteFunc(p.pending, func(uid uint32) bool { return uid == message.UID })
		next.NextUID = max(next.NextUID, message.UID+1)
		if len(p.pending) > 0 {
			next.NextUID = p.pending[0]
		}
	}
	message.Folder, message.Role, message.UIDValidity = p.folder.Name, p.folder.Role, p.uidValidity
	if err := p.Memory.Keep(ctx, message, next); err != nil {
		return err
	}
	p.cursor = next
	delete(p.failed, p.place(message.UID))
	return nil
}
