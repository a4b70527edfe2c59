package inbox_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/port"
)

func TestAcceptedMailIsInTheLogBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))

	require.NoError(t, send(client, "tom@contoso.example"))

	entries := entriesOf(t, server)
	require.Len(t, entries, 1)
	require.Equal(t, "maya@northwind.example", entries[0].From)
	require.Equal(t, "tom@contoso.example", entries[0].To)
	require.Equal(t, "<1@northwind.example>", entries[0].MessageID)
	require.True(t, entries[0].Answered)
	require.Contains(t, fileOf(t, server, entries[0]), "Subject: Hello")
	require.Equal(t, 1, server.Accepted())
	require.Equal(t, 1, server.Logins())
	require.Equal(t, 1, server.Connections())
}

func TestARecipientMisbehavesByItsLocalPart(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	for to, want := range map[string]string{
		"bounce@contoso.example":      "550 5.1.1",
		"BOUNCE@contoso.example":      "550 5.1.1",
		"bounce+42@contoso.example":   "550 5.1.1",
		"greylist@contoso.example":    "451 4.7.1",
		"full@contoso.example":        "452 4.2.2",
		"blocked+it@contoso.example":  "554 5.7.1",
		"bouncer@contoso.example":     "",
		"tom+bounce@contoso.example":  "",
		"tom@bounce.example":          "",
		"blocked.no@contoso.example":  "",
		"\"full text\"@contoso.local": "",
	} {
		client := login(t, server, sasl.NewLoginClient("maya", inbox.Password))
		for range 2 { // each time, not only the first
			err := send(client, to)
			require.Equal(t, want, codes(err), to)
		}
	}
	require.Equal(t, 2*5, server.Accepted())
}

func TestDropAcceptsAndSaysNothing(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))

	err := send(client, "drop@contoso.example")

	var refused *smtp.SMTPError
	require.Error(t, err)
	require.False(t, errors.As(err, &refused), "no answer may arrive, got %v", err)
	entries := entriesOf(t, server)
	require.Len(t, entries, 1, "the message counts as accepted")
	require.False(t, entries[0].Answered)
}

func TestSlowAnswersLate(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{Slow: 300 * time.Millisecond})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	began := time.Now()
	require.NoError(t, send(client, "slow@contoso.example"))
	require.GreaterOrEqual(t, time.Since(began), 300*time.Millisecond)
	require.Len(t, entriesOf(t, server), 1)
}

func TestOnlyTheInboxPasswordLogsIn(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	for _, mechanism := range []sasl.Client{
		sasl.NewPlainClient("", "maya", "wrong"), sasl.NewLoginClient("maya", "wrong"),
	} {
		client := dial(t, server)
		require.Equal(t, "535 5.7.8", codes(client.Auth(mechanism)))
		require.Equal(t, "530 5.7.0", codes(client.Mail("maya@northwind.example", nil)))
	}
	require.Zero(t, server.Logins())
}

func TestLoginAsksForTheNameWhenItIsNotGiven(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	client := dial(t, server)
	require.NoError(t, client.Auth(&separateLogin{}))
	require.NoError(t, send(client, "tom@contoso.example"))
}

func TestRepliesCanBeScripted(t *testing.T) {
	t.Parallel()
	var cut bool
	server := start(t, inbox.Options{
		OnMail: func(from string) *inbox.Reply {
			if strings.HasPrefix(from, "limited") {
				return &inbox.Reply{Code: 452, Enhanced: "4.5.3", Text: "Daily limit reached"}
			}
			return nil
		},
		OnRcpt: func(to string) *inbox.Reply {
			if to == "odd@contoso.example" {
				return &inbox.Reply{Code: 421, Enhanced: "4.3.0", Text: "Busy"}
			}
			return nil
		},
		OnData: func(_ []string, message []byte) *inbox.Reply {
			if bytes.Contains(message, []byte("Subject: Hello")) && cut {
				return &inbox.Reply{Cut: true}
			}
			return nil
		},
	})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	require.Equal(t, "452 4.5.3", codes(client.Mail("limited@northwind.example", nil)))
	require.Equal(t, "421 4.3.0", codes(send(client, "odd@contoso.example")))
	require.Equal(t, "550 5.1.1", codes(send(client, "bounce@contoso.example")))
	cut = true
	require.Error(t, send(client, "tom@contoso.example"))
	require.Zero(t, server.Accepted(), "cut without Accept keeps nothing")
}

func TestARestartAppends(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for n := 1; n <= 2; n++ {
		server := start(t, inbox.Options{Dir: dir})
		require.NoError(t, send(login(t, server, sasl.NewPlainClient("", "maya", inbox.Password)), "tom@contoso.example"))
		server.Stop()
		server.Stop() // may be called twice
		require.Len(t, read(t, dir), n)
		require.NoError(t, port.Check("", server.Port()), "the port is free again")
	}
}

func TestStopDoesNotWaitForIdleClients(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{Slow: time.Hour})
	client := login(t, server, sasl.NewPlainClient("", "maya", inbox.Password))
	answer := make(chan error, 1)
	go func() { answer <- send(client, "slow@contoso.example") }()
	require.Eventually(t, func() bool { return server.Accepted() == 1 }, 10*time.Second, time.Millisecond)
	server.Stop()
	<-answer
}

func TestATakenPortIsNamed(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	_, err := inbox.Start(t.Context(), inbox.Options{Dir: t.TempDir(), Port: server.Port()})
	require.ErrorContains(t, err, "choose another with --smtp-port")
}

func TestItListensOnTheLoopbackOnly(t *testing.T) {
	t.Parallel()
	server := start(t, inbox.Options{})
	host, _, err := net.SplitHostPort(server.Addr())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", host)
}

// separateLogin waits to be asked for the user name, as many clients do.
type separateLogin struct{ step int }

func (l *separateLogin) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (l *separateLogin) Next(challenge []byte) ([]byte, error) {
	l.step++
	switch {
	case l.step == 1 && string(challenge) == "Username:":
		return []byte("maya"), nil
	case l.step == 2 && string(challenge) == "Password:":
		return []byte(inbox.Password), nil
	}
	return nil, io.ErrUnexpectedEOF
}
