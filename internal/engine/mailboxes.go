package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/inbound"
	"relance/internal/mail/bearer"
	"relance/internal/mail/imap"
	"relance/internal/mailbox"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/unsubscribe"
)

// What the readers of a worker hold at once. A thousand mailboxes are neither a thousand
// connections nor a thousand messages in memory.
const (
	mailboxSlots = 600      // mailboxes read by one worker
	looksAtOnce  = 32       // of them looking
	idlesAtOnce  = 400      // waiting connected
	mailInMemory = 64 << 20 // bytes of messages
	pollEvery    = time.Minute
	wantedEvery  = 250 * time.Millisecond // how often a follow-up's wish for a look is asked for
	mailboxStop  = 10 * time.Second       // how long a reader may take to leave its mailbox
	keptEvery    = 15 * time.Second       // how often a lease is kept
)

// mailboxReader brings the reader of mailboxes together with PostgreSQL.
type mailboxReader struct {
	store  *store.Store
	limits *mailbox.Limits
	links  unsubscribe.Links
	tokens bearer.Tokens
	by     string
	log    *slog.Logger
	dial   []imap.Option
	poll   time.Duration
	// wake has workflows signalled now that would be within a minute; nil leaves it at that.
	wake func(context.Context) error

	mutex sync.Mutex
	pokes map[string]chan struct{}
	stop  context.CancelFunc
}

// readerName names the readers of this process.
func readerName() string {
	host, _ := os.Hostname() // a name for people
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), settings.Build())
}

func newMailboxReader(s *store.Store, links unsubscribe.Links, tokens bearer.Tokens, by string, log *slog.Logger, dial ...imap.Option) *mailboxReader {
	return &mailboxReader{
		store: s, links: links, tokens: tokens, by: by, log: log, dial: dial, poll: pollEvery,
		limits: mailbox.NewLimits(looksAtOnce, idlesAtOnce, mailInMemory), pokes: map[string]chan struct{}{},
	}
}

// Read reads a mailbox until the context ends. Over: it is not to be read again at once.
func (r *mailboxReader) Read(ctx context.Context, address string) (over bool, err error) {
	taken, cursors, err := r.store.TakeMailbox(ctx, address, r.by)
	if errors.Is(err, store.ErrNotRead) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() {
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = r.store.LeaveMailbox(leaving, address, taken.Lease) // it lapses by itself
	}()
	ctx, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	poke := r.register(address)
	defer r.unregister(address)
	memory := &memory{reader: r, mailbox: taken, cursors: cursors}
	settings := imap.Settings{Host: taken.IMAP.Host, Port: taken.IMAP.Port, TLS: taken.IMAP.TLS, Username: taken.IMAP.Username, Password: taken.IMAP.Password}
	if taken.ByToken {
		settings.Token = func(ctx context.Context, rejected campaign.Secret) (campaign.Secret, error) {
			return r.tokens(ctx, address, rejected)
		}
	}
	reader := &mailbox.Reader{
		Dial:   func(ctx context.Context) (*imap.Client, error) { return imap.Dial(ctx, settings, r.dial...) },
		Memory: memory, Limits: r.limits, Folders: taken.IMAP.Folders, Interval: r.poll, Poke: poke, Log: r.log,
		Tell: func(status mailbox.Status) { r.tell(ctx, memory, status, lost) },
	}
	err = reader.Watch(ctx)
	var fault *imap.Error
	switch {
	case errors.Is(context.Cause(ctx), store.ErrNotRead), errors.Is(err, store.ErrNotRead):
		return true, nil
	case errors.As(err, &fault):
		_, failed := r.store.MailboxFailed(context.WithoutCancel(ctx), address, taken.Lease, fault.Error(), wordsOf(fault), true)
		if errors.Is(failed, store.ErrNotRead) {
			failed = nil
		}
		return true, failed
	}
	return false, err
}

// wordsOf are the server's words and ours.
func wordsOf(fault *imap.Error) *failure.Words {
	return &failure.Words{Said: fault.Words, Meaning: fault.Meaning()}
}

// tell keeps the lease, and records a failure that lasts. Without the lease the reader ends.
func (r *mailboxReader) tell(ctx context.Context, m *memory, status mailbox.Status, lost context.CancelCauseFunc) {
	if fault := (*imap.Error)(nil); errors.As(status.Err, &fault) { // an error of PostgreSQL's is not the mailbox's
		if _, err := r.store.MailboxFailed(ctx, m.mailbox.Address, m.mailbox.Lease, fault.Error(), wordsOf(fault), false); errors.Is(err, store.ErrNotRead) {
			lost(err)
		}
	}
	if time.Since(m.leased) < keptEvery {
		return
	}
	m.leased = time.Now()
	if err := r.store.KeepMailbox(ctx, m.mailbox.Address, m.mailbox.Lease); errors.Is(err, store.ErrNotRead) {
		lost(err)
	}
}

func (r *mailboxReader) register(address string) <-chan struct{} {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	poke := make(chan struct{}, 1)
	r.pokes[address] = poke
	if r.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		r.stop = stop
		go r.pokeWanted(ctx)
	}
	return poke
}

func (r *mailboxReader) unregister(address string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if delete(r.pokes, address); len(r.pokes) == 0 && r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// pokeWanted has mailboxes looked at for which a follow-up waits, while any is read.
func (r *mailboxReader) pokeWanted(ctx context.Context) {
	ticker := time.NewTicker(wantedEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		wanted, err := r.store.Wanted(ctx)
		if err != nil {
			continue // PostgreSQL is away: the follow-ups wait in their lines
		}
		r.mutex.Lock()
		for _, address := range wanted {
			select {
			case r.pokes[address] <- struct{}{}:
			default: // it is not read here, or is poked already
			}
		}
		r.mutex.Unlock()
	}
}

// memory keeps what the reader of one mailbox finds.
type memory struct {
	reader  *mailboxReader
	mailbox store.Mailbox
	cursors []store.Cursor
	// began is the clock of PostgreSQL when the look under way asked how far it was: due
	// follow-ups are known by that clock.
	began  time.Time
	leased time.Time
	// signals: what was kept since the last complete look has left workflows to be signalled.
	signals bool
}

func (m *memory) Progress(ctx context.Context) (mailbox.Progress, error) {
	now, cursors, err := m.reader.store.Cursors(ctx, m.mailbox.Address, m.mailbox.Lease)
	if err != nil {
		return mailbox.Progress{}, err
	}
	m.began = now
	progress := mailbox.Progress{Since: m.mailbox.Since, Looked: m.mailbox.LookBegan}
	for _, c := range cursors {
		progress.Cursors = append(progress.Cursors, mailbox.Cursor{
			Folder: c.Folder, Role: imap.Role(c.Role), UIDValidity: c.UIDValidity, NextUID: c.NextUID, ReconciledAt: c.ReconciledAt,
		})
	}
	return progress, nil
}

func (m *memory) Unseen(ctx context.Context, folder string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	return m.reader.store.UnseenUIDs(ctx, m.mailbox.Address, m.mailbox.Generation, folder, uidValidity, uids)
}

func (m *memory) Keep(ctx context.Context, message mailbox.Message, next mailbox.Cursor) error {
	heard, err := m.reader.store.Hear(ctx, m.judge(message), cursorOf(next))
	m.signals = m.signals || heard.Ended > 0 || heard.SettledDoubt
	if err == nil && heard.ID != 0 {
		m.reader.log.Info("a message was read", "account", m.mailbox.Address, "inbound", heard.ID, "state", heard.State, "ended", heard.Ended)
	}
	return err
}

// judge parses and classifies a message. One that cannot be read is kept all the same.
func (m *memory) judge(message mailbox.Message) store.Inbound {
	judged := store.Inbound{
		Address: m.mailbox.Address, Generation: m.mailbox.Generation, Folder: message.Folder, UIDValidity: message.UIDValidity, UID: message.UID,
		ArrivedAt: message.ArrivedAt, Raw: message.Raw,
	}
	self := inbound.Self{Addresses: []string{m.mailbox.Address}, Sent: message.Role == imap.Sent}
	judged.Mail, judged.Verdict = inbound.Judge(message.Raw, message.ArrivedAt, self)
	if message.Unreadable != "" {
		judged.Verdict = inbound.Verdict{Kind: inbound.Unreadable, Reason: "the server did not give it: " + message.Unreadable}
	}
	if id, ok := m.reader.links.InSubject(judged.Mail.Subject); ok && judged.Verdict.Kind != inbound.Own && len(judged.Verdict.Recipients) == 0 {
		judged.Named = id
		judged.Verdict = inbound.Verdict{Kind: inbound.Unsubscribe, Reason: "the subject is that of our List-Unsubscribe address"}
	}
	judged.AwayUntil = store.BackAt(m.mailbox.Calendar, judged.Verdict.Away, judged.Mail.MessageID)
	return judged
}

func (m *memory) Advance(ctx context.Context, next mailbox.Cursor) error {
	return m.reader.store.MoveCursor(ctx, m.mailbox.Address, m.mailbox.Generation, cursorOf(next))
}

func (m *memory) Complete(ctx context.Context, began time.Time) error {
	if m.began.IsZero() {
		m.began = began
	}
	if m.signals && m.reader.wake != nil {
		m.signals = false
		if err := m.reader.wake(ctx); err != nil {
			m.reader.log.Warn("workflows are not signalled at once; that is done within a minute", "error", err)
		}
	}
	return m.reader.store.CompleteLook(ctx, m.mailbox.Address, m.mailbox.Lease, m.began)
}

func cursorOf(c mailbox.Cursor) store.Cursor {
	return store.Cursor{Folder: c.Folder, Role: string(c.Role), UIDValidity: c.UIDValidity, NextUID: c.NextUID, ReconciledAt: c.ReconciledAt}
}
