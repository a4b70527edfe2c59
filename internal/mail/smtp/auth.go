package smtp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
	"relance/internal/mail/reply"
)

// logIn authenticates with a mechanism that both sides know, the best first (RFC 4954). A
// server may offer what it then refuses, so the next one is tried after a refusal of the
// mechanism (§4, §6), and only then: a refusal of the credentials is final. An account
// without a user name does not log in.
//
// The password goes over an unencrypted connection only where the account says tls: none;
// with every other choice the session is encrypted by now or has failed.
func (s *session) logIn(settings campaign.SMTP, token campaign.Secret) error {
	if settings.Username == "" {
		return nil
	}
	offered := strings.Fields(s.offers["AUTH"])
	if settings.Provider != "" {
		return s.logInWithToken(settings, offered, token)
	}
	clients := mechanisms(settings, offered)
	switch {
	case len(offered) == 0:
		return s.noLogin("offers no login (AUTH) on this connection: it may want encryption, another port, or no user name")
	case len(clients) == 0:
		return s.noLogin("offers no login with user name and password, but only " + shorten(strings.Join(offered, ", "), 80))
	}
	var tried []string
	for _, client := range clients {
		mechanism, err := s.authenticate(client)
		var refused *Refused
		var lost *Unreachable
		switch {
		case errors.As(err, &refused) && reply.MechanismRefused(refused.Reply):
		case errors.As(err, &lost) && len(tried) > 0:
			lost.Err = fmt.Errorf("%w, after the server refused %s", lost.Err, strings.Join(tried, ", "))
			return err
		default:
			return err
		}
		tried = append(tried, fmt.Sprintf("%s (%s)", mechanism, shorten(refused.Reply.Line(), 120)))
	}
	return s.noLogin("offers to log in with a user name and password and refuses every way to do it: " + strings.Join(tried, ", "))
}

// logInWithToken authenticates with an access token (RFC 7628, or XOAUTH2).
func (s *session) logInWithToken(settings campaign.SMTP, offered []string, token campaign.Secret) error {
	client, ok := bearer.New(offered, settings.Host, settings.Port, settings.Username, string(token))
	if !ok {
		return s.noLogin("offers no login with a token (XOAUTH2 or OAUTHBEARER) on this connection, but only " + shorten(strings.Join(offered, ", "), 80))
	}
	_, err := s.authenticate(client)
	return err
}

// mechanisms are those of ours that the server offers, in the order in which they are tried.
func mechanisms(settings campaign.SMTP, offered []string) []sasl.Client {
	var clients []sasl.Client
	if slices.Contains(offered, sasl.Plain) {
		clients = append(clients, sasl.NewPlainClient("", settings.Username, string(settings.Password)))
	}
	if slices.Contains(offered, sasl.Login) {
		clients = append(clients, &loginClient{answers: []string{settings.Username, string(settings.Password)}})
	}
	return clients
}

// authenticate goes through one mechanism, and says which.
func (s *session) authenticate(client sasl.Client) (mechanism string, err error) {
	mechanism, initial, err := client.Start()
	if err != nil {
		return mechanism, s.lost(reply.Auth, err)
	}
	encoded := base64.StdEncoding.EncodeToString
	s.hide(encoded(initial))
	command := "AUTH " + mechanism
	if initial != nil {
		command += " " + encoded(initial)
	}
	// PLAIN takes one line and LOGIN three; a server that asks for more is no longer heard.
	for range 4 {
		answer, err := s.exchange(reply.Auth, command, 0)
		if err != nil || answer.Code/100 == 2 {
			s.tellAuth(mechanism, answer, err)
			return mechanism, err
		}
		if answer.Code != 334 {
			return mechanism, s.lost(reply.Auth, errNoReply)
		}
		challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(answer.Text))
		if err != nil {
			challenge = nil // some servers ask in plain words; the order of the answers is fixed anyway
		}
		response := initial // a server that has ignored the initial response asks for it again
		if mechanism != sasl.Plain {
			if response, err = client.Next(challenge); err != nil {
				return mechanism, s.lost(reply.Auth, err)
			}
		}
		command = encoded(response)
	}
	return mechanism, s.lost(reply.Auth, errors.New("the server keeps asking"))
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
