// Package bearer logs in to mail servers with an OAuth token instead of a password: by
// XOAUTH2, which Microsoft and Yandex want, or by OAUTHBEARER (RFC 7628). Google knows
// both.
package bearer

import (
	"slices"
	"strconv"

	"github.com/emersion/go-sasl"
)

// XOAuth2 is the name of Google's mechanism, older than the RFC's.
const XOAuth2 = "XOAUTH2"

// Client is one login. It is a sasl.Client.
type Client struct {
	mechanism, initial string
	refused, again     bool
}

var _ sasl.Client = (*Client)(nil)

// New picks the mechanism that the server offers; ok is false when it offers none.
func New(offered []string, host string, port int, username, token string) (client *Client, ok bool) {
	switch {
	case slices.Contains(offered, XOAuth2):
		return &Client{mechanism: XOAuth2, initial: "user=" + username + "\x01auth=Bearer " + token + "\x01\x01"}, true
	case slices.Contains(offered, sasl.OAuthBearer):
		return &Client{
			mechanism: sasl.OAuthBearer,
			initial:   "n,a=" + username + ",\x01host=" + host + "\x01port=" + strconv.Itoa(port) + "\x01auth=Bearer " + token + "\x01\x01",
		}, true
	}
	return nil, false
}

// Start is the whole of the login.
func (c *Client) Start() (mechanism string, initial []byte, err error) {
	return c.mechanism, []byte(c.initial), nil
}

// Next answers the challenge that says, in JSON, why the token is refused; the server says no
// only then. XOAUTH2 wants an empty line, OAUTHBEARER one byte (RFC 7628 §3.2.3). A server that
// has passed over the whole asks for it again, with nothing.
func (c *Client) Next(challenge []byte) ([]byte, error) {
	switch {
	case len(challenge) == 0 && !c.again:
		c.again = true
		return []byte(c.initial), nil
	case c.mechanism == XOAuth2:
		c.refused = true
		return []byte{}, nil
	}
	c.refused = true
	return []byte{1}, nil
}

// Refused is true when the server has refused the token.
func (c *Client) Refused() bool { return c.refused }
