package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/imap"
	"relance/internal/mail/imap/imaptest"
	"relance/internal/mailbox"
)

// bundle is a hostile server, what has been kept of it, and a reader between them.
type bundle struct {
	*imaptest.Server
	t      *testing.T
	memory *memory
	clock  time.Duration // how much later it is than it is
	limits *mailbox.Limits
	chosen []string
	// silence is how long the server may say nothing.
	silence time.Duration
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{Server: (&imaptest.Server{}).Start(t), t: t, limits: mailbox.NewLimits(4, 4, 8<<20), silence: 20 * time.Second}
	b.memory = &memory{rows: map[key]mailbox.Message{}, cursors: map[string]mailbox.Cursor{}, since: time.Now().Add(-time.Minute)}
	t.Cleanup(func() { readOnly(t, b.Heard()) })
	return b
}

// readOnly fails when a command could have changed anything, or asked for what poisons.
func readOnly(t *testing.T, heard []string) {
	t.Helper()
	for _, command := range heard {
		verb := strings.Fields(command)[0]
		require.Contains(t, []string{"CAPABILITY", "LOGIN", "AUTHENTICATE", "LIST", "EXAMINE", "UID", "FETCH", "IDLE", "NOOP", "LOGOUT"}, verb, command)
		if verb == "UID" {
			require.Contains(t, []string{"FETCH", "SEARCH"}, strings.Fields(command)[1], command)
		}
		require.NotContains(t, strings.ReplaceAll(command, "BODY.PEEK[", ""), "BODY", command)
		require.NotContains(t, command, "ENVELOPE", command)
		require.NotContains(t, command, "FLAGS", command)
	}
}

func (b *bundle) settings() imap.Settings {
	return imap.Settings{Host: "127.0.0.1", Port: b.Port(), TLS: campaign.TLSNone, Username: "maya", Password: imaptest.Password}
}

// reader is a new one, as after a restart.
func (b *bundle) reader() *mailbox.Reader {
	return &mailbox.Reader{
		Dial: func(ctx context.Context) (*imap.Client, error) {
			return imap.Dial(ctx, b.settings(), imap.WithTimeouts(0, b.silence, 0))
		},
		Memory: b.memory, Limits: b.limits, Folders: b.chosen,
		Now: func() time.Time { return time.Now().Add(b.clock) },
	}
}

func (b *bundle) look() {
	b.t.Helper()
	require.NoError(b.t, b.reader().Look(b.t.Context()))
}

// has requires that these messages of a folder are kept, once each, and no others.
func (b *bundle) has(folder string, subjects ...string) {
	b.t.Helper()
	require.ElementsMatch(b.t, subjects, b.memory.subjects(folder))
}

// letter is a message with a subject.
func letter(subject string) string {
	return "From: tom@contoso.example\r\nMessage-ID: <" + subject + "@contoso.example>\r\nSubject: " + subject + "\r\n\r\nHello " + strings.Repeat("and so on ", 50) + "\r\n"
}

type key struct {
	folder           string
	uidValidity, uid uint32
}

// memory keeps what it is given as a database does: whole or not at all.
type memory struct {
	mutex     sync.Mutex
	rows      map[key]mailbox.Message
	order     []key
	cursors   map[string]mailbox.Cursor
	since     time.Time
	looked    time.Time
	completed int
	kept      chan struct{}

	// calls counts; the reader is killed at the call killAt, before it commits or after.
	calls, killAt int
	after         bool
}

var errKilled = errors.New("killed")

func (m *memory) commit(change func()) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.calls++
	if m.calls == m.killAt && !m.after {
		return errKilled
	}
	change()
	if m.calls == m.killAt {
		return errKilled
	}
	return nil
}

func (m *memory) Progress(context.Context) (mailbox.Progress, error) {
	var p mailbox.Progress
	err := m.commit(func() {
		p = mailbox.Progress{Since: m.since, Looked: m.looked}
		for _, cursor := range m.cursors {
			p.Cursors = append(p.Cursors, cursor)
		}
	})
	return p, err
}

func (m *memory) Unseen(_ context.Context, folder string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	var unseen []uint32
	err := m.commit(func() {
		for _, uid := range uids {
			if _, ok := m.rows[key{folder, uidValidity, uid}]; !ok {
				unseen = append(unseen, uid)
			}
		}
	})
	return unseen, err
}

func (m *memory) Keep(_ context.Context, message mailbox.Message, next mailbox.Cursor) error {
	return m.commit(func() {
		at := key{message.Folder, message.UIDValidity, message.UID}
		if _, ok := m.rows[at]; !ok {
			m.rows[at] = message
			m.order = append(m.order, at)
			if m.kept != nil {
				m.kept <- struct{}{}
			}
		}
		m.cursors[next.Folder] = next
	})
}

func (m *memory) Advance(_ context.Context, next mailbox.Cursor) error {
	return m.commit(func() { m.cursors[next.Folder] = next })
}

func (m *memory) Complete(_ context.Context, began time.Time) error {
	return m.commit(func() { m.looked = began; m.completed++ })
}

// subjects are those of the rows of a folder, in the order in which they were kept;
// unreadable ones say so.
func (m *memory) subjects(folder string) []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	subjects := []string{}
	for _, at := range m.order {
		if at.folder == folder {
			subjects = append(subjects, subject(m.rows[at]))
		}
	}
	return subjects
}

func subject(message mailbox.Message) string {
	_, rest, _ := strings.Cut(string(message.Raw), "Subject: ")
	name, _, _ := strings.Cut(rest, "\r\n")
	if message.Unreadable != "" {
		return fmt.Sprintf("unreadable %d", message.UID)
	}
	return name
}

func (m *memory) cursor(folder string) mailbox.Cursor {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.cursors[folder]
}

func (m *memory) message(folder, of string) mailbox.Message {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	at := slices.IndexFunc(m.order, func(at key) bool { return at.folder == folder && subject(m.rows[at]) == of })
	if at < 0 {
		return mailbox.Message{}
	}
	return m.rows[m.order[at]]
}
