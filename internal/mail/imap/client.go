package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"relance/internal/campaign"
	"relance/internal/mail/dial"
)

// Client is one connection to a mailbox, logged in. It serves one goroutine at a time.
type Client struct {
	settings Settings
	opts     options
	conn     *pulse
	words    *lastWords
	server   *imapclient.Client
	// changed gets one token when the server says, unasked, that the open folder has
	// other messages than before.
	changed chan struct{}
	// capabilities are what the server has said that it can do, last of all after the login:
	// many say more then, and the library may still have what was said before.
	capabilities imap.CapSet
	// token is what was logged in with, if it was one.
	token  string
	strays strays
	watch  watchdog
}

// Dial connects, encrypts and logs in as the settings say. Encryption is never given up
// for want of it. The error is an *Error, or that of the context.
//
// A token that the server refuses is replaced by another one, which is tried once: it may have
// been taken back before its time.
func Dial(ctx context.Context, settings Settings, opts ...Option) (*Client, error) {
	if settings.Token == nil {
		return dialWith(ctx, settings, "", opts)
	}
	token, err := tokenOf(ctx, settings, "")
	if err != nil {
		return nil, err
	}
	c, err := dialWith(ctx, settings, token, opts)
	var fault *Error
	if !errors.As(err, &fault) || fault.Fault != LoginRefused {
		return c, err
	}
	another, failed := tokenOf(ctx, settings, token)
	if failed != nil {
		return nil, failed
	}
	if another == token {
		return nil, err
	}
	return dialWith(ctx, settings, another, opts)
}

func dialWith(ctx context.Context, settings Settings, token campaign.Secret, opts []Option) (*Client, error) {
	c := &Client{settings: settings, opts: defaults(), words: &lastWords{}, token: string(token), changed: make(chan struct{}, 1)}
	for _, option := range opts {
		option(&c.opts)
	}
	if err := c.open(ctx); err != nil {
		c.hangUp()
		return nil, err
	}
	return c, nil
}

// open goes from nothing to a mailbox that is logged in to.
func (c *Client) open(ctx context.Context) error {
	switch c.settings.TLS {
	case campaign.TLSImplicit, campaign.TLSStartTLS, campaign.TLSNone:
	case "":
		c.settings.TLS = campaign.TLSStartTLS
	default:
		return misconfigured(fmt.Errorf("the mailbox's tls is %q: expected implicit, starttls or none", c.settings.TLS))
	}
	if c.settings.Host == "" || !campaign.IsPort(c.settings.Port) {
		return misconfigured(errors.New("the email account has no IMAP server: its host or port is missing"))
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	c.watch = watchdog{conn: c.conn, silence: c.opts.silence, longest: c.opts.longest}
	if err := c.command(ctx, "the greeting", c.introduce); err != nil {
		return err
	}
	if err := c.logIn(ctx); err != nil {
		return err
	}
	return c.command(ctx, "what the server can do", func() (err error) {
		c.capabilities, err = c.server.Capability().Wait()
		return err
	})
}

func misconfigured(err error) *Error {
	return &Error{Fault: Misconfigured, At: "the connection", Err: err}
}

// connect opens the TCP connection. Keepalives find a peer that has vanished while
// nothing is being said.
func (c *Client) connect(ctx context.Context) error {
	dialCtx, cancel := context.WithTimeout(ctx, c.opts.dialTime)
	defer cancel()
	dialer := c.opts.caution.Dialer(c.settings.Host, c.settings.TLS, c.opts.resolver)
	dialer.KeepAliveConfig = net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: 20 * time.Second, Count: 3}
	conn, err := dialer.DialContext(dialCtx, "tcp", net.JoinHostPort(c.settings.Host, strconv.Itoa(c.settings.Port)))
	switch {
	case err == nil:
		c.conn = &pulse{Conn: conn}
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	fault, settings := dial.Fault(c.settings.Host, err)
	if settings {
		return misconfigured(fault)
	}
	return &Error{Fault: Unreachable, At: "the connection", Err: fault}
}

// introduce encrypts, hears the greeting and learns what the server offers.
func (c *Client) introduce() (err error) {
	secure := &tls.Config{ServerName: c.settings.Host, RootCAs: c.opts.roots, MinVersion: tls.VersionTLS12}
	hears := &imapclient.Options{DebugWriter: c.words, TLSConfig: secure, UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				c.noteChange()
			}
		},
		Fetch: c.strays.hear,
	}}
	switch c.settings.TLS {
	case campaign.TLSImplicit:
		conn := tls.Client(c.conn, secure)
		if err := conn.HandshakeContext(context.Background()); err != nil { // the watchdog ends it
			return c.unencrypted(err)
		}
		c.server = imapclient.New(conn, hears)
	case campaign.TLSStartTLS:
		c.server, err = imapclient.NewStartTLS(c.conn, hears)
		var refused *imap.Error
		switch {
		case errors.As(err, &refused):
			return misconfigured(fmt.Errorf("the mail server %s offers no STARTTLS on port %d, and the mailbox asks for it: choose tls: implicit with the port for it (usually 993), or another server", c.settings.Host, c.settings.Port))
		case err != nil && c.words.bye() == "":
			return c.unencrypted(err)
		case err != nil:
			return err
		}
	case campaign.TLSNone:
		c.server = imapclient.New(c.conn, hears)
	}
	if err := c.server.WaitGreeting(); err != nil {
		return err
	}
	c.capabilities, err = c.server.Capability().Wait()
	return err
}

// unencrypted is why TLS did not come about.
func (c *Client) unencrypted(err error) error {
	if c.watch.ended() {
		return err // we have hung up ourselves: the watchdog, or the caller
	}
	fault, settings := dial.TLSFault(c.settings.Host, 993, err)
	if settings {
		return misconfigured(fault)
	}
	return fault
}

func (c *Client) noteChange() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// offers is true when the server has said that it can do this.
func (c *Client) offers(capability imap.Cap) bool { return c.capabilities.Has(capability) }

// hangUp ends the connection at once. The library's own Close waits for its reader, which
// may be waiting for us.
func (c *Client) hangUp() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
}

// Close says goodbye, if the server still listens, and ends the connection.
func (c *Client) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = c.command(ctx, "the goodbye", func() error { return c.server.Logout().Wait() }) // nothing hangs on it
	c.hangUp()
}

// hidden takes credentials out of what a server says.
func (c *Client) hidden(words string) string {
	for _, secret := range []string{string(c.settings.Password), c.token} {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "(hidden)")
		}
	}
	return words
}
