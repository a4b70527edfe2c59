package smtp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/reply"
	"relance/internal/mail/smtp"
)

var (
	envelope = smtp.Envelope{From: "maya@northwind.example", To: "jan@prospect.example"}
	message  = []byte("Subject: hello\r\n\r\nfirst\r\n.second\r\nlast\r\n")
	onWire   = "Subject: hello\r\n\r\nfirst\r\n..second\r\nlast\r\n"
	login    = []string{"AUTH PLAIN LOGIN"}
	// talks are the two ways to say the envelope: line by line, and pipelined (RFC 2920).
	talks = map[string][]string{"": login, "pipelined ": {"AUTH PLAIN LOGIN", "PIPELINING"}}
)

func pass(context.Context) error { return nil }

func newPool(t *testing.T, opts ...smtp.Option) *smtp.Pool {
	t.Helper()
	pool := smtp.NewPool(append([]smtp.Option{smtp.WithRests(0, 0)}, opts...)...)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		require.NoError(t, pool.Close(ctx))
	})
	return pool
}

func TestSendDeliversOnce(t *testing.T) {
	t.Parallel()
	s := (&server{offers: append(login, "SIZE 1000")}).start(t)
	answer, err := newPool(t).Send(t.Context(), s.account(), envelope, message, pass)
	require.NoError(t, err)
	require.Equal(t, reply.Reply{Phase: reply.Dot, Code: 250, Enhanced: "2.0.0", Text: "2.0.0 queued as 1"}, answer)
	s.look(func() {
		require.Equal(t, []string{onWire + ".\r\n"}, s.messages)
		require.Equal(t, []string{
			"EHLO northwind.example", "AUTH PLAIN AG1heWEAaW5ib3g=", "AUTH PLAIN AG1heWEAaW5ib3g=",
			"MAIL FROM:<maya@northwind.example> SIZE=40", "RCPT TO:<jan@prospect.example>", "DATA",
		}, s.commands)
	})
}

// The id comes back in a report (RFC 3461 §4.4) from a server that can do that; another one is not
// asked for it, and one that is no xtext, or too long, is left out.
func TestEnvelopeIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][]string{
		"1f=+@northwind.example": {"MAIL FROM:<maya@northwind.example> RET=HDRS ENVID=1f+3D+2B@northwind.example", "RCPT TO:<jan@prospect.example> NOTIFY=FAILURE,DELAY"},
		"":                       {"MAIL FROM:<maya@northwind.example>", "RCPT TO:<jan@prospect.example>"},
		"with a space@n.example": {"MAIL FROM:<maya@northwind.example>", "RCPT TO:<jan@prospect.example>"},
		strings.Repeat("x", 101): {"MAIL FROM:<maya@northwind.example>", "RCPT TO:<jan@prospect.example>"},
	} {
		s := (&server{offers: append(login, "DSN")}).start(t)
		_, err := newPool(t).Send(t.Context(), s.account(), smtp.Envelope{From: envelope.From, To: envelope.To, ID: id}, message, pass)
		require.NoError(t, err)
		s.look(func() { require.Equal(t, want, s.commands[3:5], id) })
	}
	s := (&server{offers: login}).start(t)
	_, err := newPool(t).Send(t.Context(), s.account(), smtp.Envelope{From: envelope.From, To: envelope.To, ID: "1@n.example"}, message, pass)
	require.NoError(t, err)
	s.look(func() { require.NotContains(t, strings.Join(s.commands, " "), "ENVID") })
}

// TestGate looks at the wire: the whole body is there before the gate is asked, and the
// dot is not there unless the gate has opened (law 1).
func TestGate(t *testing.T) {
	t.Parallel()
	large := append([]byte("Subject: large\r\n\r\n"), []byte(strings.Repeat(strings.Repeat("x", 70)+"\r\n", 4000))...)
	certificates, roots := certificate(t, "127.0.0.1")
	for name, c := range map[string]struct {
		tls      campaign.TLS
		message  []byte
		expected string
	}{
		"in the clear": {campaign.TLSNone, message, onWire},
		"starttls":     {campaign.TLSStartTLS, message, onWire},
		"implicit":     {campaign.TLSImplicit, message, onWire},
		"large":        {campaign.TLSStartTLS, large, string(large)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: append(login, "STARTTLS"), tls: certificates, implicit: c.tls == campaign.TLSImplicit}).start(t)
			account := s.account()
			account.SMTP.TLS = c.tls
			pool := newPool(t, smtp.WithRootCAs(roots))
			shut := errors.New("another attempt owns it")
			var whole bool
			wholeBody := func() {
				s.until("the whole body", func() bool { return len(s.body) == len(c.expected) })
				s.look(func() { whole = string(s.body) == c.expected && len(s.messages) == 0 })
			}
			_, err := pool.Send(t.Context(), account, envelope, c.message, func(context.Context) error {
				wholeBody()
				return shut
			})
			require.Equal(t, shut, err, "the gate's error comes back as it is")
			require.True(t, whole, "the server has the whole body, and no dot")
			s.until("the end of the connection", func() bool { return len(s.unfinished) == 1 })
			s.look(func() {
				require.Equal(t, c.expected, s.unfinished[0], "nothing comes after the body: no dot, no QUIT")
				require.Empty(t, s.messages)
			})
			_, err = pool.Send(t.Context(), account, envelope, c.message, func(context.Context) error {
				wholeBody()
				return nil
			})
			require.NoError(t, err)
			require.True(t, whole)
			s.look(func() {
				require.Equal(t, []string{c.expected + ".\r\n"}, s.messages)
				require.Equal(t, 2, s.connections, "a connection whose gate was shut is not used again")
			})
		})
	}
}

// TestRefused: a 4xx or 5xx in any phase is definite, says which phase, and leaves the
// pool able to send the next message.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verb  string
		phase reply.Phase
	}{
		{"GREETING", reply.Connect}, {"EHLO", reply.Ehlo}, {"AUTH", reply.Auth}, {"MAIL", reply.Mail},
		{"RCPT", reply.Rcpt}, {"DATA", reply.Data}, {"DOT", reply.Dot},
	} {
		for _, words := range []string{"421 4.3.2 closing", "451 4.7.1 try later", "550-5.1.1 no such|550 5.1.1 user", "554"} {
			for talk, offers := range talks {
				t.Run(talk+c.verb+" "+words, func(t *testing.T) {
					t.Parallel()
					s := (&server{offers: offers, answers: map[string]string{c.verb: words + "\n"}}).start(t)
					pool := newPool(t)
					_, err := pool.Send(t.Context(), s.account(), envelope, message, pass)
					var refused *smtp.Refused
					require.ErrorAs(t, err, &refused)
					lines := strings.Split(words, "|")
					require.Equal(t, c.phase, refused.Reply.Phase)
					require.Equal(t, words[:3], err.Error()[strings.LastIndex(err.Error(), words[:3]):][:3])
					require.Equal(t, len(lines)-1, strings.Count(refused.Reply.Text, "\n"))
					_, err = pool.Send(t.Context(), s.account(), envelope, message, pass)
					require.NoError(t, err, "the next message")
					whole := map[bool]int{true: 2, false: 1}[c.verb == "DOT"] // only then had the first one come, too
					s.look(func() { require.Len(t, s.messages, whole, "nothing of the first was taken for the second") })
				})
			}
		}
	}
}

// TestLostBeforeTheDot: whatever breaks before the gate, or while it is asked, is definite.
func TestLostBeforeTheDot(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"} {
		for _, how := range []string{cut, "250-half" + cut, "hello", "354 what", stall} {
			if (verb == "DATA") && how == "354 what" {
				continue // that is what DATA wants to hear
			}
			for talk, offers := range talks {
				t.Run(talk+verb+" "+how, func(t *testing.T) {
					t.Parallel()
					s := (&server{offers: offers, answers: map[string]string{verb: how + "\n"}}).start(t)
					pool := newPool(t, smtp.WithTimeouts(0, 300*time.Millisecond, 0))
					_, err := pool.Send(t.Context(), s.account(), envelope, message, func(context.Context) error {
						t.Error("the gate is not asked")
						return nil
					})
					var unreachable *smtp.Unreachable
					require.ErrorAs(t, err, &unreachable)
					require.False(t, unreachable.Account)
					s.look(func() { require.Empty(t, s.messages) })
				})
			}
		}
	}
}

func TestServerGivesUpBeforeTheDot(t *testing.T) {
	t.Parallel()
	large := append([]byte("Subject: large\r\n\r\n"), []byte(strings.Repeat(strings.Repeat("x", 70)+"\r\n", 6000))...)
	for name, words := range map[string]string{"552": "552 5.3.4 too large\r\n", "421": "421 4.3.2 shutting down\r\n", "nothing": "", "250": "250 fine\r\n"} {
		t.Run("in the body "+name, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: login}).start(t)
			s.during = func(c net.Conn, _ []byte) bool {
				_, _ = c.Write([]byte(words))
				return false
			}
			// A small send buffer: the client still writes when the server has had enough.
			pool := newPool(t, smtp.WithTimeouts(0, 5*time.Second, time.Second), smtp.WithDial(func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				if err == nil {
					err = conn.(*net.TCPConn).SetWriteBuffer(4096)
				}
				return conn, err
			}))
			_, err := pool.Send(t.Context(), s.account(), envelope, large, func(context.Context) error {
				return errors.New("too late to ask")
			})
			// Whether the words are heard before the gate is asked is up to the kernel; that no
			// dot is written and nothing is uncertain is not.
			var unanswered *smtp.Unanswered
			require.Error(t, err)
			require.NotErrorAs(t, err, &unanswered)
			s.look(func() { require.Empty(t, s.messages) })
		})
		t.Run("while the gate is asked "+name, func(t *testing.T) {
			t.Parallel()
			var peer net.Conn
			s := (&server{offers: login}).start(t)
			s.during = func(c net.Conn, _ []byte) bool { s.note(func() { peer = c }); return true }
			dialed := make(chan *watched, 1)
			pool := newPool(t, smtp.WithDial(func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				w := &watched{Conn: conn, heard: make(chan struct{}, 100)}
				dialed <- w
				return w, err
			}))
			_, err := pool.Send(t.Context(), s.account(), envelope, message, func(context.Context) error {
				w := <-dialed
				s.until("the whole body", func() bool { return len(s.body) == len(onWire) })
				for len(w.heard) > 0 {
					<-w.heard
				}
				var conn net.Conn
				s.look(func() { conn = peer })
				_, _ = conn.Write([]byte(words))
				_ = conn.(*net.TCPConn).CloseWrite()
				<-w.heard // our side has read it
				return nil
			})
			var refused *smtp.Refused
			var unreachable *smtp.Unreachable
			switch name {
			case "552", "421":
				require.ErrorAs(t, err, &refused)
				require.Contains(t, err.Error(), name)
			default: // a yes to a message that has no end is no answer to anything
				require.ErrorAs(t, err, &unreachable)
			}
			s.look(func() { require.Empty(t, s.messages, "no dot was written") })
		})
	}
}

// watched tells when something has been read.
type watched struct {
	net.Conn
	heard chan struct{}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	select {
	case w.heard <- struct{}{}:
	default:
	}
	return n, err
}

// TestUnanswered: once the dot has been written only a whole reply is an answer (law 4).
func TestUnanswered(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]string{
		"cut": cut, "half a reply": "250-accepted\r\n" + cut, "half a line": "250 2.0.0 que" + cut, "stall": stall,
		"no reply at all": "thank you", "neither": "354 more", "mixed": "250-yes|550 no",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: login, answers: map[string]string{"DOT": how}}).start(t)
			_, err := newPool(t, smtp.WithTimeouts(0, 0, 300*time.Millisecond)).Send(t.Context(), s.account(), envelope, message, pass)
			var unanswered *smtp.Unanswered
			require.ErrorAs(t, err, &unanswered)
			s.look(func() { require.Len(t, s.messages, 1) })
		})
	}
}

func TestYesComesInManyForms(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"250", "250 ", "251 will forward", "250-2.0.0 ok|250 2.0.0 id=7", "250 " + strings.Repeat("long ", 5000)} {
		t.Run(words[:3], func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: login, answers: map[string]string{"DOT": words, "RSET": cut, "QUIT": cut}}).start(t)
			answer, err := newPool(t).Send(t.Context(), s.account(), envelope, message, pass)
			require.NoError(t, err)
			require.Equal(t, 2, answer.Code/100)
		})
	}
}

// TestCancelled: before the gate the caller can give up at any point; after it the answer
// is waited for, however late.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"} {
		t.Run("before "+verb, func(t *testing.T) {
			t.Parallel()
			s := (&server{offers: login, answers: map[string]string{verb: stall}}).start(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				s.until("the command", func() bool {
					return s.connections == 1 && (verb == "GREETING" || (len(s.commands) > 0 && strings.HasPrefix(s.commands[len(s.commands)-1], verb)))
				})
				cancel()
			}()
			_, err := newPool(t).Send(ctx, s.account(), envelope, message, pass)
			require.ErrorIs(t, err, context.Canceled)
			var unreachable *smtp.Unreachable
			require.NotErrorAs(t, err, &unreachable)
		})
	}
	t.Run("after the gate", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := (&server{offers: login, atDot: cancel}).start(t)
		answer, err := newPool(t).Send(ctx, s.account(), envelope, message, pass)
		require.NoError(t, err)
		require.Equal(t, 250, answer.Code)
		require.Error(t, ctx.Err())
	})
	t.Run("within the gate", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		s := (&server{offers: login}).start(t)
		_, err := newPool(t).Send(ctx, s.account(), envelope, message, func(context.Context) error { cancel(); return nil })
		require.NoError(t, err, "the ledger says wire: the dot goes out")
		s.look(func() { require.Len(t, s.messages, 1) })
	})
}

func TestUndeliverable(t *testing.T) {
	t.Parallel()
	s := (&server{offers: login}).start(t)
	pool := newPool(t)
	for name, c := range map[string]struct {
		envelope smtp.Envelope
		message  string
	}{
		"letters beyond ASCII": {smtp.Envelope{From: envelope.From, To: "jö@prospect.example"}, string(message)},
		"injection":            {smtp.Envelope{From: envelope.From, To: "a@b.example>\r\nRCPT TO:<c@d.example"}, string(message)},
		"no address":           {smtp.Envelope{From: envelope.From, To: "nobody"}, string(message)},
		"a lone LF":            {envelope, "Subject: x\r\n\r\nhello\n.\r\nMAIL FROM:<x@y.z>\r\n"},
		"a lone CR":            {envelope, "Subject: x\r\n\r\nhello\r.\r\n"},
		"a long line":          {envelope, strings.Repeat("x", 999) + "\r\n"},
		"no last line end":     {envelope, "Subject: x"},
	} {
		_, err := pool.Send(t.Context(), s.account(), c.envelope, []byte(c.message), pass)
		var undeliverable *mail.Undeliverable
		require.ErrorAs(t, err, &undeliverable, name)
	}
	s.look(func() { require.Empty(t, s.messages) })

	willing := (&server{offers: append(login, "SMTPUTF8")}).start(t)
	_, err := newPool(t).Send(t.Context(), willing.account(), smtp.Envelope{From: envelope.From, To: "jö@münchen.example"}, message, pass)
	require.NoError(t, err)
	willing.look(func() {
		require.Contains(t, willing.commands, "MAIL FROM:<maya@northwind.example> SMTPUTF8")
		require.Contains(t, willing.commands, "RCPT TO:<jö@xn--mnchen-3ya.example>")
	})
}

// TestWordsAreText: whatever bytes a server says, its reply is text that can be kept and shown.
func TestWordsAreText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ said, text string }{
		"NUL":       {"no \x00 such user", "5.1.1 no  such user"},
		"escapes":   {"\x1b]0;pwned\a\x1b[31mblocked\x1b[2K", "5.1.1 blocked"},
		"Latin-1":   {"Empf\xe4nger unbekannt", "5.1.1 Empf\uFFFDnger unbekannt"},
		"reordered": {"no \u202eresu\u202c", "5.1.1 no resu"},
		"many lines": {strings.TrimSuffix(strings.Repeat(strings.Repeat("x", 1900)+"|550-5.1.1 ", 9), "|550-5.1.1 ") + "|550 end",
			"5.1.1 " + strings.Repeat("x", 1900) + "\n5.1.1 " + strings.Repeat("x", 1900) + "\n5.1.1 " + strings.Repeat("x", 179) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := "550 5.1.1 "
			if name == "many lines" {
				at = "550-5.1.1 "
			}
			s := (&server{offers: login, answers: map[string]string{"RCPT": at + c.said, "DOT": "250 2.0.0 queued \x00 as \x1b[1m1"}}).start(t)
			_, err := newPool(t).Send(t.Context(), s.account(), envelope, message, pass)
			var refused *smtp.Refused
			require.ErrorAs(t, err, &refused)
			require.Equal(t, reply.Reply{Phase: reply.Rcpt, Code: 550, Enhanced: "5.1.1", Text: c.text}, refused.Reply)
			s.note(func() { delete(s.answers, "RCPT") })
			answer, err := newPool(t).Send(t.Context(), s.account(), envelope, message, pass)
			require.NoError(t, err)
			require.Equal(t, reply.Reply{Phase: reply.Dot, Code: 250, Enhanced: "2.0.0", Text: "2.0.0 queued  as 1"}, answer)
		})
	}
}
