package smtp_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
)

// Replies that are deeds: the connection is closed, or nothing is said any more.
const (
	cut   = "(cut)"
	stall = "(stall)"
)

// server is an SMTP server on loopback that misbehaves on command. It notes the
// text of a message as it comes, so that a test can ask how much of it is there.
type server struct {
	t        *testing.T
	listener net.Listener
	// answers by verb: GREETING, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, DOT, RSET, QUIT.
	// One that is missing is polite. "x\ny" says x the first time it is asked, then y.
	answers map[string]string
	offers  []string
	// during is called for every piece of a message, with what has come so far; false ends
	// the connection.
	during func(c net.Conn, body []byte) bool
	// atDot is called when the dot has come, before it is answered.
	atDot    func()
	tls      *tls.Config
	implicit bool
	password string

	mu          sync.Mutex
	body        []byte // of the message that is coming in
	messages    []string
	unfinished  []string
	commands    []string
	connections int
	open, most  int
	logins      int
	changed     chan struct{}
}

// start serves until the test ends.
func (s *server) start(t *testing.T) *server {
	t.Helper()
	s.t, s.changed, s.password = t, make(chan struct{}), "inbox"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.listener = listener
	var live sync.Map
	t.Cleanup(func() {
		_ = listener.Close()
		live.Range(func(c, _ any) bool { _ = c.(net.Conn).Close(); return true })
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			live.Store(conn, true)
			go s.serve(conn)
		}
	}()
	return s
}

// account is the sending account at this server.
func (s *server) account() campaign.EmailAccount {
	address := s.listener.Addr().(*net.TCPAddr)
	return campaign.EmailAccount{
		Address: "maya@northwind.example", Name: "Maya Claes", Epoch: 1,
		SMTP: campaign.SMTP{Host: "127.0.0.1", Port: address.Port, TLS: campaign.TLSNone, Username: "maya", Password: "inbox"},
	}
}

func (s *server) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits for the server to have seen something.
func (s *server) until(what string, seen func() bool) {
	s.t.Helper()
	late := time.After(10 * time.Second)
	for {
		s.mu.Lock()
		ok, changed := seen(), s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-late:
			require.FailNow(s.t, "the server has not seen it", what)
		}
	}
}

// look reads what the server has noted.
func (s *server) look(read func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	read()
}

func (s *server) answer(verb, polite string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	given, ok := s.answers[verb]
	if !ok {
		return polite
	}
	if first, rest, more := strings.Cut(given, "\n"); more {
		s.answers[verb] = rest
		given = first
	}
	if given == "" {
		return polite
	}
	return given
}

// say writes an answer; false ends the connection.
func (s *server) say(c net.Conn, answer string) bool {
	switch {
	case answer == cut:
		return false
	case answer == stall:
		_, _ = c.Read(make([]byte, 1)) // until the other side hangs up
		return false
	case strings.HasSuffix(answer, cut):
		_, _ = c.Write([]byte(strings.TrimSuffix(answer, cut)))
		return false
	}
	_, err := c.Write([]byte(strings.ReplaceAll(answer, "|", "\r\n") + "\r\n"))
	return err == nil
}

func (s *server) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	s.note(func() { s.connections++; s.open++; s.most = max(s.most, s.open) })
	defer s.note(func() { s.open-- })
	if s.implicit {
		c = tls.Server(c, s.tls)
	}
	in := bufio.NewReader(c)
	if !s.say(c, s.answer("GREETING", "220 test")) {
		return
	}
	for {
		command, err := in.ReadString('\n')
		if err != nil {
			return
		}
		command = strings.TrimRight(command, "\r\n")
		verb, _, _ := strings.Cut(strings.ToUpper(command), " ")
		s.note(func() { s.commands = append(s.commands, command) })
		polite := "250 2.0.0 ok"
		switch verb {
		case "EHLO":
			polite = strings.Join(append([]string{"250-test"}, s.offers...), "|250-") + "|250 HELP"
		case "STARTTLS":
			if !s.say(c, s.answer(verb, "220 go")) {
				return
			}
			c = tls.Server(c, s.tls)
			in = bufio.NewReader(c)
			continue
		case "AUTH":
			if !s.logIn(c, in, command) {
				return
			}
			continue
		case "DATA":
			answer := s.answer(verb, "354 go on")
			if !s.say(c, answer) {
				return
			}
			if strings.HasPrefix(answer, "354") && !s.receive(c, in) {
				return
			}
			continue
		case "QUIT":
			s.say(c, s.answer(verb, "221 bye"))
			return
		}
		if !s.say(c, s.answer(verb, polite)) {
			return
		}
	}
}

func (s *server) logIn(c net.Conn, in *bufio.Reader, command string) bool {
	s.note(func() { s.logins++ })
	if answer := s.answer("AUTH", ""); answer != "" {
		return s.say(c, answer)
	}
	heard := command
	if strings.HasPrefix(command, "AUTH LOGIN") {
		for _, ask := range []string{"334 VXNlcm5hbWU6", "334 cGFzc3dvcmQ6"} {
			if !s.say(c, ask) {
				return false
			}
			line, err := in.ReadString('\n')
			if err != nil {
				return false
			}
			heard += " " + strings.TrimSpace(line)
		}
	}
	s.note(func() { s.commands = append(s.commands, heard) })
	if heard == "AUTH PLAIN AG1heWEAaW5ib3g=" || heard == "AUTH LOGIN bWF5YQ== aW5ib3g=" {
		return s.say(c, "235 2.7.0 welcome")
	}
	return s.say(c, "535 5.7.8 no: "+heard)
}

// receive reads a message up to its dot; false ends the connection.
func (s *server) receive(c net.Conn, in *bufio.Reader) bool {
	var body []byte
	piece := make([]byte, 4096)
	for !bytes.HasSuffix(body, []byte("\r\n.\r\n")) {
		n, err := in.Read(piece)
		if n > 0 {
			body = append(body, piece[:n]...)
			s.note(func() { s.body = body })
		}
		if err != nil || (s.during != nil && !s.during(c, body)) {
			s.note(func() { s.unfinished = append(s.unfinished, string(body)) })
			return false
		}
	}
	s.note(func() { s.messages = append(s.messages, string(body)) })
	if s.atDot != nil {
		s.atDot()
	}
	return s.say(c, s.answer("DOT", "250 2.0.0 queued as 1"))
}

// certificate is an authority of the test's own and a server certificate for the names.
func certificate(t *testing.T, names ...string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), key)
	require.NoError(t, err)
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(caDER)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
