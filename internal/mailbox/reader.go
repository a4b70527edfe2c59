package mailbox

import (
	"context"
	"log/slog"
	"time"

	"relance/internal/mail/imap"
)

// Reader reads one mailbox. Dial, Memory and Limits are needed.
type Reader struct {
	// Dial opens a connection that is logged in.
	Dial   func(ctx context.Context) (*imap.Client, error)
	Memory Memory
	// Limits are shared by the readers of a process.
	Limits *Limits
	// Folders are looked into besides INBOX, junk and sent mail (and Gmail's All Mail).
	Folders []string
	// Interval is how long Watch waits between looks; one minute when 0.
	Interval time.Duration
	// Poke asks Watch to look now. A poke that comes during a look causes another one; a
	// channel with room for one is enough.
	Poke <-chan struct{}
	// Tell is called by Watch, at each change and every few seconds, with what the reader
	// is doing; never twice at the same time. It may be nil.
	Tell func(Status)
	// Log is for what people who run this may want to know later; nil logs nothing. It
	// gets names of folders and numbers, never anything of a message.
	Log *slog.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time

	// older are messages, by place, that have arrived before reading was set up: they are
	// not fetched a second time.
	older map[place]bool
	// failed counts in how many looks a message could not be fetched.
	failed map[place]int
	// counts are how many messages the folders had in the look before.
	counts map[string]int
	// unlisted is until when the list of folders is not asked for, because it could not be
	// understood.
	unlisted time.Time
}

// place is where a message is. UIDVALIDITY is unique together with the folder only (RFC
// 9051 §2.3.1.1).
type place struct {
	folder           string
	uidValidity, uid uint32
}

const (
	// reconcileEvery and reconcileBack are how often, and how far back, a folder is
	// compared with what has been kept of it: servers leave messages out for a while, and
	// some do not number them in the order of arrival. It is compared at once when it has
	// grown by more messages than the cursor has found.
	reconcileEvery = 6 * time.Hour
	reconcileBack  = 3 * 24 * time.Hour
	// unlistedFor is for how long a list of folders that cannot be understood is not asked
	// for again.
	unlistedFor = time.Hour
	// batch is how many messages one FETCH asks for.
	batch = 20
)

func (r *Reader) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *Reader) log() *slog.Logger {
	if r.Log != nil {
		return r.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Look reads the mailbox once, over a connection of its own. An error says why the look
// is not complete: an *imap.Error of the server's, or what the Memory returned.
func (r *Reader) Look(ctx context.Context) error {
	if err := r.Limits.looks.Acquire(ctx, 1); err != nil {
		return err
	}
	defer r.Limits.looks.Release(1)
	client, err := r.look(ctx, nil)
	if client != nil {
		client.Close()
	}
	return err
}

// look reads the mailbox once, over the client or, when it is nil, over a new one. It
// returns the connection that it ended with: another, when the first broke on the way.
func (r *Reader) look(ctx context.Context, client *imap.Client) (*imap.Client, error) {
	if r.older == nil {
		r.older, r.failed, r.counts = map[place]bool{}, map[place]int{}, map[string]int{}
	}
	l := &look{Reader: r, client: client, began: r.now()}
	err := l.read(ctx)
	if err != nil && l.client != nil {
		l.client.Close()
		return nil, err
	}
	return l.client, err
}
