// Package imaptest is a hostile mailbox on loopback for tests of those who read mail: an
// IMAP server that does what the test says, however wrong, and keeps every command it hears.
//
// It speaks the wire itself, byte by byte, because a server made of a library can only say
// what that library thinks right. Nothing can be changed over the wire: a command that
// would flag, move or delete is answered with BAD and stands in the log.
package imaptest

import (
	"bufio"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Password is the only one that is accepted, for any user name.
const Password = "inbox"

// Server is a mailbox of one user. Change it only through its methods once it runs.
type Server struct {
	TLS      *tls.Config // TLS from the first byte when set
	StartTLS *tls.Config // STARTTLS when set

	mutex       sync.Mutex
	listener    net.Listener
	folders     []*folder
	faults      Faults
	heard       []string
	open, peak  int
	connections int
	conns       map[net.Conn]bool
	stopped     chan struct{}
}

type folder struct {
	name, attributes string
	validity, next   uint32
	mails            []*Mail
	changed          chan struct{} // closed at the next arrival
}

// Mail is one message of a folder.
type Mail struct {
	UID  uint32
	Date time.Time
	Raw  []byte
}

// Start serves until the test ends, with INBOX, Junk and Sent.
func (s *Server) Start(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	if s.TLS != nil {
		listener = tls.NewListener(listener, s.TLS)
	}
	s.listener, s.conns, s.stopped = listener, map[net.Conn]bool{}, make(chan struct{})
	s.AddFolder("INBOX", "")
	s.AddFolder("Junk", `\Junk`)
	s.AddFolder("Sent", `\Sent`)
	t.Cleanup(func() {
		close(s.stopped)
		_ = listener.Close()
		s.Drop()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

// Port is where it listens.
func (s *Server) Port() int {
	if at, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return at.Port
	}
	return 0
}

// AddFolder makes a folder; all folders begin with the same UIDVALIDITY, which is legal.
func (s *Server) AddFolder(name, attributes string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.folders = append(s.folders, &folder{name: name, attributes: attributes, validity: 1, next: 1, changed: make(chan struct{})})
}

// RemoveFolder takes a folder away.
func (s *Server) RemoveFolder(name string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.folders = slices.DeleteFunc(s.folders, func(f *folder) bool { return f.name == name })
}

// RenameFolder gives a folder another name.
func (s *Server) RenameFolder(name, to string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.folder(name).name = to
}

// Deliver puts a message into a folder, now, and returns its UID.
func (s *Server) Deliver(name, raw string) uint32 { return s.DeliverAt(name, raw, time.Now()) }

// DeliverAt puts a message into a folder that arrived at a time.
func (s *Server) DeliverAt(name, raw string, at time.Time) uint32 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f := s.folder(name)
	f.mails = append(f.mails, &Mail{UID: f.next, Date: at, Raw: []byte(raw)})
	f.next++
	f.announce()
	return f.next - 1
}

// DeliverAs puts a message into a folder under a UID below the next one, as servers do
// that number by something else than arrival.
func (s *Server) DeliverAs(name, raw string, uid uint32) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f := s.folder(name)
	f.mails = append(f.mails, &Mail{UID: uid, Date: time.Now(), Raw: []byte(raw)})
	slices.SortFunc(f.mails, func(a, b *Mail) int { return int(a.UID) - int(b.UID) })
	f.next = max(f.next, uid+1)
	f.announce()
}

// SkipUIDs leaves the next n UIDs of a folder out.
func (s *Server) SkipUIDs(name string, n uint32) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.folder(name).next += n
}

// Move gives a folder a new UIDVALIDITY and its messages new UIDs from 1 on, as a
// migration does.
func (s *Server) Move(name string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f := s.folder(name)
	f.validity++
	f.next = 1
	for _, mail := range f.mails {
		mail.UID = f.next
		f.next++
	}
}

// With changes the faults.
func (s *Server) With(change func(*Faults)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change(&s.faults)
}

// Drop ends every connection without a word.
func (s *Server) Drop() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// Heard is every command so far, without tags: "EXAMINE INBOX".
func (s *Server) Heard() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.heard)
}

// Connections counts those so far, those that are open, and the most that were at once.
func (s *Server) Connections() (all, open, most int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.connections, s.open, s.peak
}

func (s *Server) folder(name string) *folder {
	for _, f := range s.folders {
		if strings.EqualFold(f.name, name) {
			return f
		}
	}
	return nil
}

func (f *folder) announce() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (s *Server) serve(conn net.Conn) {
	s.mutex.Lock()
	s.conns[conn] = true
	s.connections++
	s.open++
	s.peak = max(s.peak, s.open)
	s.mutex.Unlock()
	talk := &session{server: s, conn: conn, in: bufio.NewReader(conn)}
	defer func() {
		_ = conn.Close()
		talk.leave()
		s.mutex.Lock()
		defer s.mutex.Unlock()
		delete(s.conns, conn)
	}()
	talk.run()
}

// leave counts the connection as open no more: before its goodbye is answered, for a client
// that has the answer may open another.
func (s *session) leave() {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	if !s.left {
		s.left = true
		s.server.open--
	}
}
