package smtp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"relance/internal/campaign"
	"relance/internal/mail/reply"
)

// logIn authenticates with the best mechanism that both sides know (RFC 4954). An account
// without a user name does not log in.
//
// The password goes over an unencrypted connection only where the account says tls: none;
// with every other choice the session is encrypted by now or has failed.
func (s *session) logIn(settings campaign.SMTP) error {
	if settings.Username == "" {
		return nil
	}
	password := string(settings.Password)
	mechanisms := strings.Fields(s.offers["AUTH"])
	var client sasl.Client
	switch {
	case slices.Contains(mechanisms, sasl.Plain):
		client = sasl.NewPlainClient("", settings.Username, password)
	case slices.Contains(mechanisms, sasl.Login):
		client = &loginClient{answers: []string{settings.Username, password}}
	case len(mechanisms) == 0:
		return s.noLogin("offers no login (AUTH) on this connection: it may want encryption, another port, or no user name")
	default:
		return s.noLogin("offers no login with user name and password, but only " + shorten(strings.Join(mechanisms, ", "), 80))
	}
	mechanism, initial, err := client.Start()
	if err != nil {
		return s.noLogin("cannot be logged in to")
	}
	// A server that repeats what it was sent must not repeat it into a note or a log.
	encoded := base64.StdEncoding.EncodeToString
	for _, secret := range []string{encoded(initial), encoded([]byte(password)), password} {
		if len(secret) >= 4 {
			s.secrets = append(s.secrets, secret)
		}
	}
	command := "AUTH " + mechanism
	if initial != nil {
		command += " " + encoded(initial)
	}
	// PLAIN takes one line and LOGIN three; a server that asks for more is no longer heard.
	for range 4 {
		answer, err := s.exchange(reply.Auth, command, 0)
		if err != nil || answer.Code/100 == 2 {
			return err
		}
		if answer.Code != 334 {
			return s.lost(reply.Auth, errNoReply)
		}
		challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(answer.Text))
		if err != nil {
			challenge = nil // some servers ask in plain words; the order of the answers is fixed anyway
		}
		response := initial // a server that has ignored the initial response asks for it again
		if mechanism != sasl.Plain {
			if response, err = client.Next(challenge); err != nil {
				return s.lost(reply.Auth, err)
			}
		}
		command = encoded(response)
	}
	return s.lost(reply.Auth, errors.New("the server keeps asking"))
}

func (s *session) noLogin(what string) error {
	s.broken = true
	return &Unreachable{Phase: reply.Auth, Account: true, Err: fmt.Errorf("the mail server %s", what)}
}

// loginClient is the mechanism LOGIN: the user name, then the password. The one of
// go-sasl sends the name unasked and insists on the challenge "Password:"; servers also
// ask "password:", "Password" or nothing, and for the name first.
type loginClient struct{ answers []string }

func (c *loginClient) Start() (mechanism string, initial []byte, err error) {
	return sasl.Login, nil, nil
}

func (c *loginClient) Next([]byte) ([]byte, error) {
	if len(c.answers) == 0 {
		return nil, errors.New("the server asks for more than a user name and a password")
	}
	next := c.answers[0]
	c.answers = c.answers[1:]
	return []byte(next), nil
}
