package mailbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"relance/internal/mail/imap"
)

// look is one look over a mailbox.
type look struct {
	*Reader
	client   *imap.Client
	began    time.Time
	progress Progress
}

// read goes over the folders. INBOX is the last: what arrives in it afterwards is said by
// the server while its connection waits there.
func (l *look) read(ctx context.Context) (err error) {
	if l.client == nil {
		if l.client, err = l.Dial(ctx); err != nil {
			return err
		}
	}
	l.client.Forget()
	if l.progress, err = l.Memory.Progress(ctx); err != nil {
		return err
	}
	folders, err := l.folders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := l.folder(ctx, folder); err != nil {
			return err
		}
	}
	return l.Memory.Complete(ctx, l.began)
}

// watched is a folder to look into. needed is false for one that need not be there.
type watched struct {
	imap.Folder
	needed bool
}

// folders are those to look into: those with a role, those of choice, and those that had
// a role before and are not listed now, which may be back when they are opened.
func (l *look) folders(ctx context.Context) ([]watched, error) {
	listed, err := l.listed(ctx)
	if err != nil {
		return nil, err
	}
	var folders []watched
	known := map[string]bool{}
	add := func(folder imap.Folder, needed bool) {
		if name := folder.Name; !known[name] {
			known[name] = true
			folders = append(folders, watched{folder, needed})
		}
	}
	for _, role := range []imap.Role{imap.Sent, imap.All, imap.Junk} {
		for _, folder := range listed {
			if folder.Role == role {
				add(folder, false)
			}
		}
	}
	for _, name := range l.Folders {
		if !strings.EqualFold(name, "INBOX") {
			add(imap.Folder{Name: name}, true)
		}
	}
	for _, cursor := range l.progress.Cursors {
		if cursor.Role != imap.Other && cursor.Role != imap.Inbox {
			add(imap.Folder{Name: cursor.Folder, Role: cursor.Role}, false)
		}
	}
	return append(folders, watched{imap.Folder{Name: "INBOX", Role: imap.Inbox}, true}), nil
}

// listed asks for the list of folders, and only for those with usual names when the list
// cannot be understood: then it ends the connection.
func (l *look) listed(ctx context.Context) ([]imap.Folder, error) {
	if l.began.After(l.unlisted) {
		listed, err := l.client.Folders(ctx)
		var fault *imap.Error
		if !errors.As(err, &fault) || !fault.Garbled {
			return listed, err
		}
		l.log().Warn("the list of folders cannot be understood; those with usual names are looked for", "error", err)
		l.unlisted = l.began.Add(unlistedFor)
		if err := l.reconnect(ctx, ""); err != nil {
			return nil, err
		}
	}
	return l.client.UsualFolders(ctx)
}

// broken is true for an error of the server after which the connection is of no use.
func broken(err error) bool {
	var fault *imap.Error
	return errors.As(err, &fault) && !fault.Answered
}

// reconnect takes a new connection in the place of one that has broken, and opens a
// folder on it if one is named.
func (l *look) reconnect(ctx context.Context, folder string) (err error) {
	l.client.Close()
	if l.client, err = l.Dial(ctx); err != nil || folder == "" {
		return err
	}
	_, err = l.client.Examine(ctx, folder)
	return err
}

// folder reads one folder to its end.
func (l *look) folder(ctx context.Context, folder watched) error {
	state, err := l.client.Examine(ctx, folder.Name)
	var fault *imap.Error
	switch {
	case !errors.As(err, &fault):
	case fault.Fault == imap.FolderGone && !folder.needed:
		return nil
	case fault.Answered && !fault.Later && folder.Role == imap.Sent:
		// No answer of anybody lies there: what is missed is only what could settle a doubt.
		l.log().Warn("sent mail cannot be looked into", "folder", folder.Name, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	at := slices.IndexFunc(l.progress.Cursors, func(c Cursor) bool { return c.Folder == folder.Name })
	cursor := Cursor{Folder: folder.Name}
	if at >= 0 {
		cursor = l.progress.Cursors[at]
	}
	known := cursor.UIDValidity == state.UIDValidity && cursor.Role == folder.Role
	cursor.Role = folder.Role
	p := &pass{look: l, folder: folder.Folder, uidValidity: state.UIDValidity, cursor: cursor}
	if cursor.UIDValidity != state.UIDValidity {
		if at >= 0 && cursor.UIDValidity != 0 {
			l.log().Warn("a folder has a new UIDVALIDITY: what has arrived lately is read again", "folder", folder.Name, "before", cursor.UIDValidity, "now", state.UIDValidity)
		}
		if err := p.catchUp(ctx, state); err != nil {
			return err
		}
		known = true
	}
	if !known { // the same folder in another role
		if err := l.Memory.Advance(ctx, p.cursor); err != nil {
			return err
		}
	}
	found := 0
	if state.Exists > 0 { // of an empty folder some servers refuse to fetch anything
		if found, err = p.goOn(ctx); err != nil {
			return err
		}
	}
	before, looked := l.counts[folder.Name]
	if looked && int(state.Exists) > before+found || l.began.Sub(p.cursor.ReconciledAt) >= reconcileEvery {
		if err := p.reconcile(ctx); err != nil {
			return err
		}
	}
	l.counts[folder.Name] = int(state.Exists)
	return nil
}
