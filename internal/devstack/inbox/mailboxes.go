package inbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// The folders of every mailbox, and the attributes of RFC 6154 that the server says of
// them.
var folders = []struct {
	name       string
	attributes []imap.MailboxAttr
}{{"INBOX", nil}, {"Junk", []imap.MailboxAttr{imap.MailboxAttrJunk}}, {"Sent", []imap.MailboxAttr{imap.MailboxAttrSent}}}

// mailboxes are those of the users, each in a directory of its own with a directory a
// folder and a file a message: what is filed survives a restart with its UID.
type mailboxes struct {
	dir string

	mutex   sync.Mutex
	users   map[string]*mailbox
	aliases map[string]string // address to user name
}

// mailbox is one user's. Its messages are in memory as well.
type mailbox struct {
	dir string

	mutex   sync.Mutex
	user    *imapmemserver.User
	numbers map[string]int // of the last file of a folder
}

const aliasEnding = ".alias"

func openMailboxes(dir string) (*mailboxes, error) {
	m := &mailboxes{dir: dir, users: map[string]*mailbox{}, aliases: map[string]string{}}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		address, isAlias := strings.CutSuffix(entry.Name(), aliasEnding)
		if !isAlias {
			continue
		}
		username, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		if address, err = url.PathUnescape(address); err == nil {
			m.aliases[address] = string(username)
		}
	}
	return m, nil
}

// of is the mailbox of a user name, or of an address from which that user has sent.
func (m *mailboxes) of(name string) (*mailbox, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	name = strings.ToLower(name)
	if username, ok := m.aliases[name]; ok {
		name = username
	}
	if box := m.users[name]; box != nil {
		return box, nil
	}
	box, err := openMailbox(filepath.Join(m.dir, url.PathEscape(name)))
	if err == nil {
		m.users[name] = box
	}
	return box, err
}

// remember makes an address another name of a user's mailbox; or the user name another one of
// the address's, when somebody has logged in with that before the user has sent anything.
func (m *mailboxes) remember(address, username string) error {
	address, username = strings.ToLower(address), strings.ToLower(username)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if address == username || m.aliases[address] == username || m.aliases[username] == address {
		return nil
	}
	alias, of := address, username
	if m.users[address] != nil && m.users[username] == nil {
		alias, of = username, address
	}
	m.aliases[alias] = of
	return os.WriteFile(filepath.Join(m.dir, url.PathEscape(alias)+aliasEnding), []byte(of), 0o644)
}

// openMailbox reads what has been filed, in order, so that every message has its UID
// again. Only when something has been deleted or moved over IMAP, which is not written
// down, do the folders get a new UIDVALIDITY.
func openMailbox(dir string) (*mailbox, error) {
	b := &mailbox{dir: dir, user: imapmemserver.NewUser("", ""), numbers: map[string]int{}}
	generation, err := b.generation()
	if err != nil {
		return nil, err
	}
	for range generation { // each raises the next UIDVALIDITY by one
		if err := errors.Join(b.user.Create("passing", nil), b.user.Delete("passing")); err != nil {
			return nil, err
		}
	}
	return b, b.load()
}

func (b *mailbox) load() error {
	for _, folder := range folders {
		path := filepath.Join(b.dir, folder.name)
		if err := errors.Join(os.MkdirAll(path, 0o755), b.user.Create(folder.name, nil)); err != nil {
			return err
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			number, err := strconv.Atoi(strings.TrimSuffix(entry.Name(), ".eml"))
			if err != nil || !strings.HasSuffix(entry.Name(), ".eml") {
				continue // half a file of a process that was killed
			}
			raw, err := os.ReadFile(filepath.Join(path, entry.Name()))
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if _, err := b.user.Append(folder.name, literal(raw), &imap.AppendOptions{Time: info.ModTime()}); err != nil {
				return err
			}
			b.numbers[folder.name] = number
		}
	}
	return nil
}

// generation counts the starts that found the mailbox changed.
func (b *mailbox) generation() (n int, err error) {
	text, err := os.ReadFile(filepath.Join(b.dir, "generation"))
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return 0, err
	default:
		if n, err = strconv.Atoi(string(text)); err != nil {
			return 0, err
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, "changed")); err != nil {
		return n, nil //nolint:nilerr // nothing was changed
	}
	n += len(folders)
	return n, errors.Join(os.WriteFile(filepath.Join(b.dir, "generation"), []byte(strconv.Itoa(n)), 0o644), os.Remove(filepath.Join(b.dir, "changed")))
}

// changed remembers that something was deleted or moved.
func (b *mailbox) changed() error { return os.WriteFile(filepath.Join(b.dir, "changed"), nil, 0o644) }

// file puts a message into a folder. It is on disk, whole, before a client can see it.
func (b *mailbox) file(folder string, raw []byte, at time.Time) (*imap.AppendData, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if at.IsZero() {
		at = time.Now()
	}
	path := filepath.Join(b.dir, folder, fmt.Sprintf("%08d.eml", b.numbers[folder]+1))
	if err := errors.Join(os.WriteFile(path+".part", raw, 0o644), os.Chtimes(path+".part", at, at), os.Rename(path+".part", path)); err != nil {
		return nil, err
	}
	b.numbers[folder]++
	return b.user.Append(folder, literal(raw), &imap.AppendOptions{Time: at})
}

// renumber gives all folders a new UIDVALIDITY and every message a new UID, as a
// migration to another server does.
func (b *mailbox) renumber() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if err := b.changed(); err != nil {
		return err
	}
	if _, err := b.generation(); err != nil {
		return err
	}
	for _, folder := range folders {
		if err := b.user.Delete(folder.name); err != nil {
			return err
		}
	}
	return b.load()
}

// literal is a message as the library wants it.
func literal(raw []byte) imap.LiteralReader { return &sized{bytes.NewReader(raw)} }

type sized struct{ *bytes.Reader }
