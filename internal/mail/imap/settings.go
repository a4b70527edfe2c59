package imap

import (
	"context"
	"crypto/x509"
	"net"
	"time"

	"relance/internal/campaign"
	"relance/internal/mail/dial"
)

// Settings are how to reach and log in to the IMAP server of an email account.
type Settings struct {
	Host     string
	Port     int
	TLS      campaign.TLS
	Username string
	Password campaign.Secret
	// Token is for a login with an OAuth token instead of the password; nil uses the
	// password. It is called at each login, and once more with the token that the server has
	// refused, for another. A *bearer.Denied is for a person to mend.
	Token func(ctx context.Context, rejected campaign.Secret) (campaign.Secret, error)
}

// Port is where a server listens for this kind of connection unless it says otherwise:
// 993 (RFC 8314 §3.2) or 143 (RFC 9051 §2.1).
func Port(mode campaign.TLS) int {
	if mode == campaign.TLSImplicit {
		return 993
	}
	return 143
}

// MaxRaw is how much of a message is fetched, in bytes: 1 MiB. What is longer is cut.
const MaxRaw = 1 << 20

// Option changes a default of a connection.
type Option func(*options)

type options struct {
	dialTime time.Duration
	silence  time.Duration
	longest  time.Duration
	roots    *x509.CertPool
	caution  dial.Caution
	resolver *net.Resolver
}

func defaults() options {
	// A minute of silence is what a busy server may take for one answer; ten are the most
	// that one message may take, however slowly the server talks.
	return options{dialTime: 30 * time.Second, silence: time.Minute, longest: 10 * time.Minute}
}

// WithTimeouts sets how long a connection may take to come about, how long the server may
// be silent within a command, and how long one message may take: 30 seconds, 1 minute and
// 10 minutes by default. Zero leaves the default.
func WithTimeouts(dial, silence, longest time.Duration) Option {
	return func(o *options) {
		for at, d := range map[*time.Duration]time.Duration{&o.dialTime: dial, &o.silence: silence, &o.longest: longest} {
			if d > 0 {
				*at = d
			}
		}
	}
}

// WithRootCAs are the authorities whose certificates are trusted, instead of the system's.
func WithRootCAs(roots *x509.CertPool) Option { return func(o *options) { o.roots = roots } }

// WithCaution says which addresses are dialled; by default all but those at which no
// account can ever have worked.
func WithCaution(caution dial.Caution) Option { return func(o *options) { o.caution = caution } }
