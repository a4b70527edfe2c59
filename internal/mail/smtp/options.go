package smtp

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"time"

	"relance/internal/mail/bearer"
	"relance/internal/mail/dial"
)

// Option changes a default of a pool.
type Option func(*options)

type options struct {
	connections int
	messages    int
	idle        time.Duration
	dialTime    time.Duration
	greetTime   time.Duration
	commandTime time.Duration
	answerTime  time.Duration
	loginRest   time.Duration
	dialRest    time.Duration
	roots       *x509.CertPool
	caution     dial.Caution
	resolver    *net.Resolver
	tokens      bearer.Tokens
	// dial is nil for the net package's, with caution.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	now  func() time.Time
}

func defaults() options {
	return options{
		connections: 4,
		messages:    100,
		idle:        30 * time.Second,
		// RFC 5321 §4.5.3.2 asks a client to wait five minutes for most replies. A server
		// that makes strangers wait for its greeting does so every time, so that is waited
		// for in full (§4.5.3.2.1). Further on nothing is lost before the dot by trying again
		// later, so one minute is enough; after it, ten (§4.5.3.2.6), because giving up
		// there leaves the message uncertain.
		dialTime:    30 * time.Second,
		greetTime:   5 * time.Minute,
		commandTime: time.Minute,
		answerTime:  10 * time.Minute,
		loginRest:   30 * time.Second,
		dialRest:    time.Second,
		now:         time.Now,
	}
}

// WithConnections bounds the connections to the server of one account; 4 by default.
func WithConnections(n int) Option { return func(o *options) { o.connections = max(1, n) } }

// WithMessagesPerConnection bounds how many messages one connection carries; 100 by default.
func WithMessagesPerConnection(n int) Option { return func(o *options) { o.messages = max(1, n) } }

// WithIdleTimeout is how long an unused connection is kept; 30 seconds by default.
func WithIdleTimeout(d time.Duration) Option { return func(o *options) { o.idle = d } }

// WithTimeouts sets how long a connection may take to come about, how long any reply
// before the final dot may take, and how long the reply to the dot may take: 30 seconds,
// 1 minute (5 for the greeting) and 10 minutes by default. Zero leaves the default.
func WithTimeouts(dial, command, answer time.Duration) Option {
	return func(o *options) {
		for at, d := range map[*time.Duration]time.Duration{&o.dialTime: dial, &o.greetTime: command, &o.commandTime: command, &o.answerTime: answer} {
			if d > 0 {
				*at = d
			}
		}
	}
}

// WithRests sets for how long an account is left alone after its login has been refused
// or its settings have turned out wrong, and after its server could not be reached: 30
// seconds and 1 second by default. Zero never leaves it alone.
func WithRests(login, dial time.Duration) Option {
	return func(o *options) { o.loginRest, o.dialRest = login, dial }
}

// WithRootCAs are the authorities whose certificates are trusted, instead of the system's.
func WithRootCAs(roots *x509.CertPool) Option { return func(o *options) { o.roots = roots } }

// Forbidden says that a server is at an address that is not dialled.
type Forbidden = dial.Forbidden

// WithCaution is for logging in with what a person has typed (see dial.Caution). plain
// allows an unencrypted login anywhere, for the settings that an account has had before.
func WithCaution(trusted []netip.Prefix, plain bool) Option {
	return func(o *options) { o.caution = dial.Caution{Typed: true, Trusted: trusted, Plain: plain} }
}

// WithTokens is where tokens come from, for accounts that log in with one.
func WithTokens(tokens bearer.Tokens) Option { return func(o *options) { o.tokens = tokens } }

// WithDial connects in another way than the net package does, to any address.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(o *options) { o.dial = dial }
}
