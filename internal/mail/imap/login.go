package imap

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"

	"relance/internal/campaign"
	"relance/internal/mail/bearer"
)

// logIn authenticates: with LOGIN, which every server knows, or with PLAIN where the
// server forbids LOGIN or the credentials need UTF-8 (RFC 9051 §6.2.2, §6.2.3).
//
// The password goes over an unencrypted connection only where the account says tls: none;
// with every other choice the connection is encrypted by now or has failed.
func (c *Client) logIn(ctx context.Context) error {
	username, password := c.settings.Username, string(c.settings.Password)
	loginForbidden, plain := c.offers(imap.CapLoginDisabled), c.offers(imap.AuthCap(sasl.Plain))
	if c.server.State() == imap.ConnStateAuthenticated {
		return nil // PREAUTH
	}
	if c.settings.Token != nil {
		return c.logInWithToken(ctx)
	}
	if loginForbidden && !plain {
		return misconfigured(errors.New("the mail server offers no login with user name and password on this connection: it may want encryption, or a login with a token"))
	}
	var refused *imap.Error
	err := c.command(ctx, "the login", func() (err error) {
		if loginForbidden || plain && !isASCII(username+password) {
			err = c.server.Authenticate(sasl.NewPlainClient("", username, password))
		} else {
			err = c.server.Login(username, password).Wait()
		}
		errors.As(err, &refused)
		return err
	})
	var fault *Error
	if refused != nil && errors.As(err, &fault) {
		fault.Fault = loginFault(refused)
	}
	return err
}

// logInWithToken authenticates with a token that the account's owner has let us have.
func (c *Client) logInWithToken(ctx context.Context) error {
	var offered []string
	for _, mechanism := range []string{bearer.XOAuth2, sasl.OAuthBearer} {
		if c.offers(imap.AuthCap(mechanism)) {
			offered = append(offered, mechanism)
		}
	}
	client, ok := bearer.New(offered, c.settings.Host, c.settings.Port, c.settings.Username, c.token)
	if !ok {
		return misconfigured(errors.New("the mail server offers no login with a token (XOAUTH2 or OAUTHBEARER)"))
	}
	var refused *imap.Error
	err := c.command(ctx, "the login", func() error {
		err := c.server.Authenticate(oneByte{client})
		errors.As(err, &refused)
		return err
	})
	var fault *Error
	if refused != nil && errors.As(err, &fault) {
		if fault.Fault = loginFault(refused); client.Refused() {
			fault.Fault = LoginRefused
		}
	}
	return err
}

// oneByte answers the challenge of a refusal with a byte under either mechanism: what the library
// writes for an empty answer is "=", which is no line of XOAUTH2 at all.
type oneByte struct{ *bearer.Client }

func (o oneByte) Next(challenge []byte) ([]byte, error) {
	answer, err := o.Client.Next(challenge)
	if len(answer) == 0 {
		answer = []byte{1}
	}
	return answer, err
}

// tokenOf has a token. Where the provider has denied it a person has to mend that; everything
// else may pass.
func tokenOf(ctx context.Context, settings Settings, rejected campaign.Secret) (campaign.Secret, error) {
	token, err := settings.Token(ctx, rejected)
	var denied *bearer.Denied
	switch {
	case err == nil:
		return token, nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.As(err, &denied):
		return "", misconfigured(err)
	}
	return "", &Error{Fault: Unreachable, At: "the login", Err: err}
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' || r < ' ' }) < 0
}

// Words with which servers say that a mailbox may not be read over IMAP, and that a login
// fails for now and not for good, in small letters.
var (
	disabledWords = []string{"not enabled for imap", "imap is disabled", "imap access is disabled", "enable imap", "imap support is not enabled", "imap not enabled", "disabled imap", "imap access is not", "imap is not enabled"}
	laterWords    = []string{"too many", "maximum number of connections", "simultaneous", "try again", "try later", "temporar", "unavailable", "throttl", "rate limit", "timed out", "timeout", "internal error", "server error", "system error", "busy", "backend", "maintenance", "in progress"}
)

// loginFault is what a refused login means. A BAD says that the server did not understand,
// which nobody's password mends.
func loginFault(answer *imap.Error) Fault {
	switch {
	case says(answer, disabledWords):
		return Disabled
	case answer.Type != imap.StatusResponseTypeNo, asksForLater(answer):
		return Unreachable
	}
	return LoginRefused
}

// asksForLater is true for an answer that another time may be another. Response codes
// (RFC 5530) count more than words.
func asksForLater(answer *imap.Error) bool {
	switch strings.ToUpper(string(answer.Code)) {
	case "UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA":
		return true
	}
	return says(answer, laterWords) && answer.Code != imap.ResponseCodeAuthenticationFailed
}

func says(answer *imap.Error, words []string) bool {
	text := strings.ToLower(answer.Text)
	return slices.ContainsFunc(words, func(one string) bool { return strings.Contains(text, one) })
}
