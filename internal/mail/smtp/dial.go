package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/reply"
)

// open connects to an account's server, encrypts and logs in as the account says.
// Encryption is never given up for want of it: a server that does not offer STARTTLS
// where the account asks for it is an error of the account.
func open(ctx context.Context, account campaign.EmailAccount, opts options) (*session, error) {
	settings := account.SMTP
	if settings.TLS == "" {
		settings.TLS = campaign.TLSStartTLS
	}
	conn, err := connect(ctx, settings, opts)
	if err != nil {
		return nil, err
	}
	s := newSession(conn, opts)
	s.traced(ctx)
	s.tell(connected(settings, conn))
	release := s.abortWith(ctx)
	err = s.introduce(account.Address, settings)
	if !release() {
		s.hangUp()
		return nil, givenUp(ctx)
	}
	if err != nil {
		s.hangUp() // it has nothing to say goodbye for
		return nil, err
	}
	return s, nil
}

// connect opens the TCP connection.
func connect(ctx context.Context, settings campaign.SMTP, opts options) (net.Conn, error) {
	if settings.Host == "" || settings.Port < 1 || settings.Port > 65535 {
		return nil, &Unreachable{Phase: reply.Connect, Account: true, Err: errors.New("the email account has no SMTP server: its host or port is missing")}
	}
	dialCtx, cancel := context.WithTimeout(ctx, opts.dialTime)
	defer cancel()
	dial := opts.dial
	if dial == nil {
		dial = opts.caution.dialer(settings, opts.resolver).DialContext
	}
	conn, err := dial(dialCtx, "tcp", net.JoinHostPort(settings.Host, strconv.Itoa(settings.Port)))
	var dns *net.DNSError
	var forbidden *Forbidden
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, givenUp(ctx)
	case errors.As(err, &forbidden):
		return nil, &Unreachable{Phase: reply.Connect, Account: true, Err: forbidden}
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, &Unreachable{Phase: reply.Connect, Account: true, Err: &plainError{fmt.Sprintf("there is no mail server with the name %s", settings.Host), err}}
	}
	return nil, &Unreachable{Phase: reply.Connect, Err: err}
}

// introduce goes from the open connection to a session that may send (RFC 5321 §3.1,
// RFC 3207, RFC 4954).
func (s *session) introduce(address string, settings campaign.SMTP) error {
	switch settings.TLS {
	case campaign.TLSImplicit, campaign.TLSStartTLS, campaign.TLSNone:
	default:
		return &Unreachable{Phase: reply.Connect, Account: true, Err: fmt.Errorf("the email account's tls is %q: expected implicit, starttls or none", shorten(string(settings.TLS), 20))}
	}
	s.hide(string(settings.Password))
	if settings.TLS == campaign.TLSImplicit {
		if err := s.encrypt(reply.Connect, settings.Host); err != nil {
			return err
		}
	}
	greeting, err := s.expectWithin(s.opts.greetTime, reply.Connect, '2')
	if err != nil {
		var lost *Unreachable
		if errors.As(err, &lost) && settings.TLS != campaign.TLSImplicit && settings.Port == 465 {
			lost.Err = fmt.Errorf("%w (port 465 usually wants tls: implicit)", lost.Err)
		}
		return err
	}
	s.tell(Step{Kind: Greeted, Words: greeting.Line()})
	name := helloName(address)
	if err := s.hello(name); err != nil {
		return err
	}
	if settings.TLS == campaign.TLSStartTLS {
		if !s.offered("STARTTLS") {
			return &Unreachable{Phase: reply.StartTLS, Account: true, Err: fmt.Errorf("the mail server %s offers no STARTTLS on port %d, and the account asks for it: choose tls: implicit with the port for it (usually 465), or another server", settings.Host, settings.Port)}
		}
		if _, err := s.exchange(reply.StartTLS, "STARTTLS", '2'); err != nil {
			return err
		}
		if err := s.encrypt(reply.StartTLS, settings.Host); err != nil {
			return err
		}
		// What was said before encryption may have been said by anyone (RFC 3207 §4.2).
		if err := s.hello(name); err != nil {
			return err
		}
	}
	s.tellOffered()
	return s.logIn(settings)
}

// helloName is what the client calls itself: the domain of the sending address. It is
// fully qualified as RFC 5321 §4.1.1.1 asks, and shows nothing of the worker's machine
// in the Received lines, which everybody can read.
func helloName(address string) string {
	if sender, err := mail.ParseMailbox(address); err == nil {
		return sender.Domain
	}
	return "localhost"
}

// hello says EHLO and learns what the server offers, or says HELO to one that does not
// know EHLO (RFC 5321 §3.2).
func (s *session) hello(name string) error {
	s.offers = map[string]string{}
	answer, err := s.exchange(reply.Ehlo, "EHLO "+name, '2')
	var refused *Refused
	if errors.As(err, &refused) && (refused.Reply.Code == 500 || refused.Reply.Code == 502) {
		_, err = s.exchange(reply.Ehlo, "HELO "+name, '2')
		return err
	}
	if err != nil {
		return err
	}
	_, extensions, _ := strings.Cut(answer.Text, "\n")
	for offer := range strings.SplitSeq(extensions, "\n") {
		// Some announce "AUTH=LOGIN PLAIN", for clients older than RFC 4954.
		offer = strings.Replace(strings.ToUpper(strings.TrimSpace(offer)), "AUTH=", "AUTH ", 1)
		keyword, parameters, _ := strings.Cut(offer, " ")
		s.offers[keyword] = strings.TrimSpace(s.offers[keyword] + " " + parameters)
	}
	return nil
}

// encrypt begins TLS; the server's certificate must be valid for host.
func (s *session) encrypt(phase reply.Phase, host string) error {
	if s.in.Buffered() > 0 {
		// Said in the clear behind the yes to STARTTLS: somebody in between wants it to be
		// read as if it had been said encrypted (CVE-2011-0411).
		return s.lost(phase, errNoReply)
	}
	s.deadline(s.opts.commandTime) // and the caller giving up ends it too (abortWith): the handshake needs no context of its own
	conn := tls.Client(s.conn, &tls.Config{ServerName: host, RootCAs: s.opts.roots, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(context.Background()); err != nil {
		return tlsFailure(phase, host, err)
	}
	s.conn = conn
	s.in.Reset(conn)
	s.tell(encrypted(conn.ConnectionState()))
	return nil
}

// tlsFailure separates faults of the settings from faults of the network.
func tlsFailure(phase reply.Phase, host string, err error) error {
	var (
		network  net.Error
		notTLS   tls.RecordHeaderError
		hostname x509.HostnameError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
	)
	account := func(format string, args ...any) error {
		return &Unreachable{Phase: phase, Account: true, Err: &plainError{fmt.Sprintf(format, args...), err}}
	}
	switch {
	case errors.As(err, &notTLS):
		return account("the mail server %s does not speak TLS at once on this port: choose tls: starttls, or the port for implicit TLS (usually 465)", host)
	case errors.As(err, &hostname):
		return account("the certificate of the mail server is not for %s: use the name that it is for as the host", host)
	case errors.As(err, &unknown):
		return account("the certificate of the mail server %s is from an authority that is not known here", host)
	case errors.As(err, &invalid):
		return account("the certificate of the mail server %s is not valid: %v", host, invalid)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout(), strings.Contains(err.Error(), "internal error"):
		return &Unreachable{Phase: phase, Err: plain(err)}
	}
	return account("the mail server %s and we cannot agree on TLS: %v", host, err)
}
