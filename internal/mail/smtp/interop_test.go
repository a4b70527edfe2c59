package smtp_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/smtp"
)

// TestWithAServerOfTheField speaks with a server that we have not written.
func TestWithAServerOfTheField(t *testing.T) {
	t.Parallel()
	certificates, roots := certificate(t, "127.0.0.1")
	inbox := &inbox{}
	srv := gosmtp.NewServer(inbox)
	srv.TLSConfig = certificates
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	account := campaign.EmailAccount{Address: "maya@northwind.example", SMTP: campaign.SMTP{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, TLS: campaign.TLSStartTLS, Username: "maya", Password: "inbox",
	}}
	pool := newPool(t, smtp.WithRootCAs(roots))
	raw, err := mail.Compose(mail.Message{
		From: mail.Address{Name: "Maya Claës", Email: envelope.From}, To: mail.Address{Email: envelope.To},
		Subject: "Eine Frage zu Läcker & Söhne", Text: "Hallo Jan,\r\n\r\n.\n  indented\n.\n\n-- \nMaya\n",
		MessageID: "77@northwind.example", Date: time.Date(2026, 11, 24, 12, 0, 0, 5, time.UTC), Boundary: "0123456789abcdef01234567",
	})
	require.NoError(t, err)
	for range 2 {
		_, err = pool.Send(t.Context(), account, envelope, raw, pass)
		require.NoError(t, err)
	}
	_, err = pool.Send(t.Context(), account, smtp.Envelope{From: envelope.From, To: "bounce@prospect.example"}, raw, pass)
	var refused *smtp.Refused
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "5.1.1", refused.Reply.Enhanced)
	_, err = pool.Send(t.Context(), account, envelope, raw, pass)
	require.NoError(t, err, "the connection outlives a refusal")
	inbox.check(t, string(raw))
	account.SMTP.Password = "wrong"
	require.ErrorAs(t, pool.Login(t.Context(), account), &refused)
}

type inbox struct {
	sync.Mutex
	messages []string
	sessions int
}

func (i *inbox) check(t *testing.T, raw string) {
	t.Helper()
	i.Lock()
	defer i.Unlock()
	require.Equal(t, []string{raw, raw, raw}, i.messages)
	require.Equal(t, 1, i.sessions, "one connection")
}

func (i *inbox) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	if _, encrypted := c.TLSConnectionState(); encrypted {
		i.Lock()
		i.sessions++
		i.Unlock()
	}
	return &inboxSession{i}, nil
}

type inboxSession struct{ inbox *inbox }

func (*inboxSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (*inboxSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != "inbox" {
			return gosmtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (*inboxSession) Mail(string, *gosmtp.MailOptions) error { return nil }

func (*inboxSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if to == "bounce@prospect.example" {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	return nil
}

func (s *inboxSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.inbox.Lock()
	defer s.inbox.Unlock()
	s.inbox.messages = append(s.inbox.messages, string(text))
	return err
}

func (*inboxSession) Reset()        {}
func (*inboxSession) Logout() error { return nil }
