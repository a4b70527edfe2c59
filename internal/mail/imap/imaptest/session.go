package imaptest

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
)

// session is one connection.
type session struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader
	opened string // the folder
	told   int    // how many messages the client knows of
	left   bool   // it counts as open no more
}

const capabilities = "IMAP4rev1 IDLE SPECIAL-USE LIST-EXTENDED AUTH=PLAIN SASL-IR"

func (s *session) say(format string, args ...any) { _, _ = fmt.Fprintf(s.conn, format+"\r\n", args...) }

func (s *session) run() {
	faults := s.faults()
	greeting := "* OK ready"
	if faults.Greeting != "" {
		greeting = faults.Greeting
	}
	s.say("%s", greeting)
	if strings.HasPrefix(greeting, "* BYE") {
		return
	}
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !s.do(tag, strings.ReplaceAll(command, `"`, "")) {
			return
		}
	}
}

func (s *session) faults() Faults {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	return s.server.faults
}

// scripted is the answer that the faults have for a command, if any.
func (s *session) scripted(command string) (answer string, ok bool) {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	kept := command
	if strings.HasPrefix(command, "LOGIN ") {
		kept = "LOGIN"
	}
	if strings.HasPrefix(command, "AUTHENTICATE ") {
		kept = "AUTHENTICATE"
	}
	s.server.heard = append(s.server.heard, kept)
	for beginning, answer := range s.server.faults.Answers {
		if !strings.HasPrefix(command, beginning) {
			continue
		}
		if left, limited := s.server.faults.Times[beginning]; limited {
			if left <= 0 {
				continue
			}
			s.server.faults.Times[beginning] = left - 1
		}
		return answer, true
	}
	return "", false
}

// do answers one command; false ends the connection.
func (s *session) do(tag, command string) bool {
	if answer, ok := s.scripted(command); ok {
		switch answer {
		case Silence:
			<-s.server.stopped
			return false
		case Cut:
			return false
		}
		s.say("%s %s", tag, answer)
		return true
	}
	verb, rest, _ := strings.Cut(command, " ")
	switch strings.ToUpper(verb) {
	case "CAPABILITY":
		s.say("* CAPABILITY %s", s.capabilities())
	case "STARTTLS":
		if s.server.StartTLS == nil {
			s.say("%s BAD what is that", tag)
			return true
		}
		s.say("%s OK begin", tag)
		s.conn = tls.Server(s.conn, s.server.StartTLS)
		s.in.Reset(s.conn)
		return true
	case "LOGIN":
		if _, password, _ := strings.Cut(rest, " "); password != Password {
			s.say("%s NO [AUTHENTICATIONFAILED] Invalid credentials for %s", tag, password)
			return true
		}
	case "AUTHENTICATE":
		return s.authenticate(tag, rest)
	case "LIST":
		s.list(rest)
	case "EXAMINE":
		if !s.examine(tag, rest) {
			return true
		}
	case "UID":
		return s.uid(tag, rest)
	case "FETCH":
		s.ends()
	case "IDLE":
		return s.idle(tag)
	case "NOOP":
	case "LOGOUT":
		s.leave()
		s.say("* BYE see you")
		s.say("%s OK done", tag)
		return false
	default:
		s.say("%s BAD this mailbox is to be read only: %s", tag, verb)
		return true
	}
	s.say("%s OK done", tag)
	return true
}

func (s *session) capabilities() string {
	if other := s.faults().Capabilities; other != "" {
		return other
	}
	return capabilities
}

func (s *session) authenticate(tag, rest string) bool {
	mechanism, initial, _ := strings.Cut(rest, " ")
	if initial == "" {
		s.say("+ ")
		line, err := s.in.ReadString('\n')
		if err != nil {
			return false
		}
		initial = strings.TrimSpace(line)
	}
	decoded, _ := base64.StdEncoding.DecodeString(initial)
	if mechanism != "PLAIN" {
		return s.bearer(tag, string(decoded))
	}
	if fields := strings.Split(string(decoded), "\x00"); fields[len(fields)-1] != Password {
		s.say("%s NO [AUTHENTICATIONFAILED] Invalid credentials", tag)
		return true
	}
	s.say("%s OK done", tag)
	return true
}

// bearer answers XOAUTH2 and OAUTHBEARER: the one password is the one token.
func (s *session) bearer(tag, said string) bool {
	if strings.Contains(said, "\x01auth=Bearer "+Password+"\x01\x01") {
		s.say("%s OK done", tag)
		return true
	}
	s.say("+ %s", base64.StdEncoding.EncodeToString([]byte(`{"status":"401","schemes":"bearer","scope":"https://mail.example/"}`)))
	if _, err := s.in.ReadString('\n'); err != nil {
		return false
	}
	s.say("%s NO [AUTHENTICATIONFAILED] Invalid credentials %s", tag, said)
	return true
}

// list says the folders that match a pattern, of which it knows "*" at both ends only.
func (s *session) list(rest string) {
	faults := s.faults()
	fields := strings.SplitN(strings.TrimSpace(strings.Split(rest, " RETURN")[0]), " ", 2)
	pattern := strings.TrimSpace(fields[len(fields)-1])
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	for _, f := range s.server.folders {
		attributes := f.attributes
		if faults.NoRoles {
			attributes = ""
		}
		if strings.Contains(f.name, strings.Trim(pattern, "*")) {
			s.say(`* LIST (%s) "/" "%s"`, attributes, f.name)
		}
	}
	if faults.RawName != "" && strings.Contains(faults.RawName, strings.Trim(pattern, "*")) {
		s.say(`* LIST () "/" "%s"`, faults.RawName)
	}
}

func (s *session) examine(tag, name string) bool {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	f := s.server.folder(name)
	if f == nil {
		s.say("%s NO [NONEXISTENT] there is no %s", tag, name)
		return false
	}
	s.opened = f.name
	s.told = len(f.mails)
	s.say("* %d EXISTS", s.told)
	s.say("* OK [UIDVALIDITY %d] valid", f.validity)
	s.say("* OK [UIDNEXT %d] next", f.next)
	return true
}

// ends answers FETCH 1,* (UID), the only one by number that is expected.
func (s *session) ends() {
	s.server.mutex.Lock()
	defer s.server.mutex.Unlock()
	if f := s.server.folder(s.opened); f != nil && len(f.mails) > 0 {
		s.say("* 1 FETCH (UID %d)", f.mails[0].UID)
		s.say("* %d FETCH (UID %d)", len(f.mails), f.mails[len(f.mails)-1].UID)
	}
}

// idle waits for DONE and says what has arrived since the client heard of it last, and what does
// meanwhile.
func (s *session) idle(tag string) bool {
	s.say("+ idling")
	if bye := s.faults().ByeInIdle; bye != "" {
		s.say("* BYE %s", bye)
		return false
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.in.ReadString('\n')
		done <- err
	}()
	for {
		s.server.mutex.Lock()
		f := s.server.folder(s.opened)
		if f == nil {
			s.server.mutex.Unlock()
			return false
		}
		changed := f.changed
		if len(f.mails) != s.told {
			s.told = len(f.mails)
			s.say("* %d EXISTS", s.told)
		}
		s.server.mutex.Unlock()
		select {
		case err := <-done:
			if err == nil {
				s.say("%s OK done", tag)
			}
			return err == nil
		case <-s.server.stopped:
			return false
		case <-changed:
		}
	}
}
