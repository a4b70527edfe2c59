package inbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"relance/internal/devstack/port"
)

// IMAPFlag is the command-line flag that the sentence about a taken port names.
const IMAPFlag = "--imap-port"

// startIMAP serves the mailboxes.
func (s *Server) startIMAP(ctx context.Context) error {
	listener, err := port.Listen(ctx, IMAPFlag, s.options.IMAPPort)
	if err != nil {
		return err
	}
	s.imapListener = listener
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &imapSession{server: s, number: s.readers.Add(1)}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapSpecialUse: {}, imap.CapListExtended: {}, imap.CapUIDPlus: {}, imap.CapMove: {}, imap.CapNamespace: {}},
		InsecureAuth: true, // nothing leaves this machine
		Logger:       slog.NewLogLogger(slog.NewTextHandler(s.options.Log, nil), slog.LevelWarn),
	})
	s.imapServing = make(chan struct{})
	go func() {
		defer close(s.imapServing)
		_ = s.imap.Serve(listener) // ends when it is closed
	}()
	return nil
}

// IMAPPort is the port at which the mailboxes can be read, 0 when there are none.
func (s *Server) IMAPPort() int {
	if s.imapListener == nil {
		return 0
	}
	return port.Of(s.imapListener)
}

// Move gives the folders of a mailbox a new UIDVALIDITY and its messages new UIDs, as a
// migration to another server does.
func (s *Server) Move(address string) error {
	box, err := s.mailboxes.of(address)
	if err != nil {
		return err
	}
	return box.renumber()
}

// Deliver puts a message into the INBOX of the account that logs in as this user, or has
// sent from this address.
func (s *Server) Deliver(address string, raw []byte) error {
	box, err := s.mailboxes.of(address)
	if err != nil {
		return err
	}
	_, err = box.file("INBOX", raw, time.Time{})
	return err
}

// imapSession is one connection: a mailbox in memory, whose folders say their roles and
// whose new messages are on disk too.
type imapSession struct {
	*imapmemserver.UserSession
	server   *Server
	box      *mailbox
	username string
	number   int64
}

func (s *imapSession) Close() error { return s.UserSession.Close() }

// Login takes any user name with the one password, as SMTP does.
func (s *imapSession) Login(username, password string) error {
	if hook := s.server.options.OnLogin; hook != nil && hook(username, password) != nil {
		return imapserver.ErrAuthFailed
	}
	if password != Password {
		return imapserver.ErrAuthFailed
	}
	return s.enter(username)
}

// enter opens the mailbox of a user who has logged in.
func (s *imapSession) enter(username string) error {
	box, err := s.server.mailboxes.of(username)
	if err != nil {
		return err
	}
	s.box, s.username, s.UserSession = box, username, imapmemserver.NewUserSession(box.user)
	return nil
}

func (s *imapSession) reads(command string) {
	if hook := s.server.options.OnRead; hook != nil {
		hook(s.username, s.number, command)
	}
}

func (s *imapSession) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	s.reads("SELECT " + folder)
	return s.UserSession.Select(folder, options)
}

func (s *imapSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.reads("IDLE")
	return s.UserSession.Idle(w, stop)
}

// List says the roles of folders (RFC 6154), which the library's own does not.
func (s *imapSession) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	s.reads("LIST")
	if len(patterns) == 0 || options.SelectSubscribed || options.ReturnStatus != nil {
		return s.UserSession.List(w, ref, patterns, options)
	}
	for _, folder := range folders {
		for _, pattern := range patterns {
			if !imapserver.MatchList(folder.name, '/', ref, pattern) || options.SelectSpecialUse && folder.attributes == nil {
				continue
			}
			if err := w.WriteList(&imap.ListData{Attrs: folder.attributes, Delim: '/', Mailbox: folder.name}); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// Append files what a mail client puts there: a copy of what it has sent, a draft.
func (s *imapSession) Append(folder string, r imap.LiteralReader, options *imap.AppendOptions) (*imap.AppendData, error) {
	for _, one := range folders {
		if strings.EqualFold(one.name, folder) {
			raw, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			return s.box.file(one.name, raw, options.Time)
		}
	}
	return nil, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeTryCreate, Text: "There is no such folder"}
}

func (s *imapSession) Expunge(w *imapserver.ExpungeWriter, uids *imap.UIDSet) error {
	return errors.Join(s.box.changed(), s.UserSession.Expunge(w, uids))
}

func (s *imapSession) Move(w *imapserver.MoveWriter, set imap.NumSet, to string) error {
	return errors.Join(s.box.changed(), s.UserSession.Move(w, set, to))
}

func (s *imapSession) Copy(set imap.NumSet, to string) (*imap.CopyData, error) {
	if err := s.box.changed(); err != nil {
		return nil, err
	}
	return s.UserSession.Copy(set, to)
}

func (s *imapSession) Create(folder string, options *imap.CreateOptions) error {
	return errors.Join(s.box.changed(), s.UserSession.Create(folder, options))
}

func (s *imapSession) Delete(folder string) error {
	return errors.Join(s.box.changed(), s.UserSession.Delete(folder))
}

func (s *imapSession) Rename(folder, to string, options *imap.RenameOptions) error {
	return errors.Join(s.box.changed(), s.UserSession.Rename(folder, to, options))
}

// stopIMAP ends all connections.
func (s *Server) stopIMAP() {
	if s.imap == nil {
		return
	}
	_ = s.imap.Close()
	_ = s.imapListener.Close() // the library forgets one that it is only about to serve
	<-s.imapServing
}
