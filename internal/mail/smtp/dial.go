package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"relance/internal/campaign"
	"relance/internal/mail"
	"relance/internal/mail/bearer"
	"relance/internal/mail/dial"
	"relance/internal/mail/reply"
)

// open connects to an account's server, encrypts and logs in as the account says.
// Encryption is never given up for want of it: a server that does not offer STARTTLS
// where the account asks for it is an error of the account.
//
// An account of a provider logs in with a token. When the server refuses it, another one is had
// and tried, once: a token may be taken back before its time.
func open(ctx context.Context, account campaign.EmailAccount, opts options) (*session, error) {
	if account.SMTP.Provider == "" {
		return openWith(ctx, account, "", opts)
	}
	token, err := tokenOf(ctx, account, "", opts)
	if err != nil {
		return nil, err
	}
	s, err := openWith(ctx, account, token, opts)
	var refused *Refused
	if !errors.As(err, &refused) || refused.Reply.Phase != reply.Auth || refused.Reply.Code/100 != 5 {
		return s, err
	}
	another, failed := tokenOf(ctx, account, token, opts)
	if failed != nil {
		return nil, failed
	}
	if another == token {
		return nil, err
	}
	return openWith(ctx, account, another, opts)
}

// tokenOf has a token for an account. Only a person can help where the provider has denied it;
// everything else may pass.
func tokenOf(ctx context.Context, account campaign.EmailAccount, rejected campaign.Secret, opts options) (campaign.Secret, error) {
	if opts.tokens == nil {
		return "", &Unreachable{Phase: reply.Auth, Err: errors.New("this program has no tokens")}
	}
	token, err := opts.tokens(ctx, account.Address, rejected)
	if err == nil {
		return token, nil
	}
	if ctx.Err() != nil {
		return "", givenUp(ctx)
	}
	var denied *bearer.Denied
	return "", &Unreachable{Phase: reply.Auth, Account: errors.As(err, &denied), Err: err}
}

func openWith(ctx context.Context, account campaign.EmailAccount, token campaign.Secret, opts options) (*session, error) {
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
	err = s.introduce(account.Address, settings, token)
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
	connectTo := opts.dial
	if connectTo == nil {
		connectTo = opts.caution.Dialer(settings.Host, settings.TLS, opts.resolver).DialContext
	}
	conn, err := connectTo(dialCtx, "tcp", net.JoinHostPort(settings.Host, strconv.Itoa(settings.Port)))
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, givenUp(ctx)
	}
	fault, account := dial.Fault(settings.Host, err)
	return nil, &Unreachable{Phase: reply.Connect, Account: account, Err: fault}
}

// introduce goes from the open connection to a session that may send (RFC 5321 §3.1,
// RFC 3207, RFC 4954).
func (s *session) introduce(address string, settings campaign.SMTP, token campaign.Secret) error {
	switch settings.TLS {
	case campaign.TLSImplicit, campaign.TLSStartTLS, campaign.TLSNone:
	default:
		return &Unreachable{Phase: reply.Connect, Account: true, Err: fmt.Errorf("the email account's tls is %q: expected implicit, starttls or none", shorten(string(settings.TLS), 20))}
	}
	s.hide(string(settings.Password))
	s.hide(string(token))
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
	return s.logIn(settings, token)
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
		fault, account := dial.TLSFault(host, 465, err)
		return &Unreachable{Phase: phase, Account: account, Err: fault}
	}
	s.conn = conn
	s.in.Reset(conn)
	s.tell(encrypted(conn.ConnectionState()))
	return nil
}
