package inbox

import (
	"errors"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	errWrongPassword = &smtp.SMTPError{
		Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "Username and password not accepted",
	}
	errLoginFirst = &smtp.SMTPError{
		Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required",
	}
	errNotStored = &smtp.SMTPError{
		Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Insufficient system storage",
	}
)

// session is one connection. The library calls it from one goroutine at a time.
type session struct {
	server   *Server
	conn     *smtp.Conn
	loggedIn bool
	username string
	from     string
	envelope string // ENVID (RFC 3461 §4.4)
	to       []string
}

func (s *session) AuthMechanisms() []string {
	return append([]string{sasl.Plain, sasl.Login}, s.server.bearers()...)
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return s.login(username, password) }), nil
	case sasl.Login:
		return &loginServer{check: s.login}, nil
	case xoauth2, sasl.OAuthBearer:
		if s.server.options.OnToken != nil {
			return &tokenServer{check: s.server.options.OnToken, accepted: s.enter, refusal: errWrongPassword}, nil
		}
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

func (s *session) login(username, password string) error {
	if hook := s.server.options.OnLogin; hook != nil {
		if reply := hook(username, password); reply != nil {
			return s.answer(reply)
		}
	}
	if password != Password {
		return errWrongPassword
	}
	return s.enter(username)
}

// enter is for a user who has logged in.
func (s *session) enter(username string) error {
	s.loggedIn, s.username = true, username
	s.server.logins.Add(1)
	return nil
}

func (s *session) Mail(from string, options *smtp.MailOptions) error {
	if !s.loggedIn {
		return errLoginFirst
	}
	if hook := s.server.options.OnMail; hook != nil {
		if reply := hook(from); reply != nil {
			return s.answer(reply)
		}
	}
	s.from, s.to, s.envelope = from, nil, ""
	if options != nil {
		s.envelope = options.EnvelopeID
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	reply := s.server.misbehaviours[localPart(to)].rcpt
	if hook := s.server.options.OnRcpt; hook != nil {
		if scripted := hook(to); scripted != nil {
			reply = scripted
		}
	}
	if err := s.answer(reply); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data decides after the final dot. What is accepted is in the log before the
// client can read the answer: the log is the judge.
func (s *session) Data(body io.Reader) error {
	if !s.server.begin() {
		return errNotStored
	}
	defer s.server.writing.Done()
	message, err := io.ReadAll(body)
	if err != nil { // the client went away before the dot: nothing was accepted
		if hook := s.server.options.OnBrokenOff; hook != nil {
			hook(s.to)
		}
		return err
	}
	reply := s.dataReply(message)
	if reply == nil || reply.Accept {
		answered := reply == nil || !reply.Cut
		if err := s.server.store(s.from, s.to, message, answered); err != nil {
			return errNotStored
		}
		if err := s.server.follow(s.username, s.from, s.to, s.envelope, message); err != nil {
			s.server.smtp.ErrorLog.Printf("a message was accepted and not filed in a mailbox: %v", err)
		}
	}
	return s.answer(reply)
}

func (s *session) dataReply(message []byte) *Reply {
	if hook := s.server.options.OnData; hook != nil {
		if scripted := hook(s.to, message); scripted != nil {
			return scripted
		}
	}
	for _, to := range s.to {
		if reply := s.server.misbehaviours[localPart(to)].data; reply != nil {
			return reply
		}
	}
	return nil
}

// answer waits, hangs up or says no; nil is a yes.
func (s *session) answer(reply *Reply) error {
	if reply == nil {
		return nil
	}
	if reply.Delay > 0 {
		timer := time.NewTimer(reply.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.server.stopped:
		}
	}
	if reply.Cut {
		_ = s.conn.Conn().Close() // whatever the library writes now goes nowhere
		return errors.New("cut")
	}
	return reply.smtpError()
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// loginServer is the server's side of LOGIN, which the library has no more but
// mail clients still use.
type loginServer struct {
	check    func(username, password string) error
	username *string
	asked    bool
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked && response == nil:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.username == nil:
		username := string(response)
		l.asked, l.username = true, &username
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.username, string(response))
}
