// Package smtptest is a mail server on loopback for tests of those who log in: it says
// what it is given, however hostile, and keeps what it hears. It takes no message.
package smtptest

import (
	"bufio"
	"encoding/base64"
	"net"
	"strings"
	"sync"
	"testing"
)

// Server says these words. The zero value is polite, and knows one password.
type Server struct {
	// Greeting and Offers are its first line and the rest of EHLO's answer, Refusal what it
	// says to a wrong password: each with its code.
	Greeting, Refusal string
	// Mechanisms are those of AUTH; none is PLAIN.
	Mechanisms string
	// Password is the right one.
	Password string
	// Hold is waited for before the greeting; nil does not wait.
	Hold <-chan struct{}

	mutex   sync.Mutex
	heard   []string
	greeted int
	port    int
}

// Start serves until the test ends.
func (s *Server) Start(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); ok {
		s.port = at.Port
	}
	stopped := make(chan struct{})
	t.Cleanup(func() { close(stopped); _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, stopped)
		}
	}()
	return s
}

// Port is where it listens.
func (s *Server) Port() int { return s.port }

// Heard is every line that was said to it, and how many connections there were.
func (s *Server) Heard() (lines []string, connections int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string{}, s.heard...), s.greeted
}

func (s *Server) serve(conn net.Conn, stopped <-chan struct{}) {
	defer func() { _ = conn.Close() }()
	s.mutex.Lock()
	s.greeted++
	s.mutex.Unlock()
	if s.Hold != nil {
		select {
		case <-s.Hold:
		case <-stopped:
			return
		}
	}
	say := func(line, polite string) {
		if line == "" {
			line = polite
		}
		_, _ = conn.Write([]byte(line + "\r\n"))
	}
	say(s.Greeting, "220 test ready")
	mechanisms := s.Mechanisms
	if mechanisms == "" {
		mechanisms = "PLAIN"
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mutex.Lock()
		s.heard = append(s.heard, line)
		s.mutex.Unlock()
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); verb {
		case "EHLO":
			say("", "250-test\r\n250 AUTH "+mechanisms)
		case "AUTH":
			sent, _ := base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:])
			if strings.HasSuffix(string(sent), "\x00"+s.Password) {
				say("", "235 2.7.0 welcome")
			} else {
				say(s.Refusal, "535 5.7.8 Username and Password not accepted")
			}
		case "QUIT":
			say("", "221 bye")
			return
		default:
			say("", "250 ok")
		}
	}
}
