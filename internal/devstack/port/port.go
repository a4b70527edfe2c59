// Package port finds out whether a TCP port of 127.0.0.1 can be had, and says
// it in one way for every part of the dev stack. It owns nothing that listens.
package port

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"
)

// Host is the only address that anything of the dev stack binds to.
const Host = "127.0.0.1"

// Taken says that a port cannot be bound. Flag is the command-line flag
// that chooses another one; it may be empty.
type Taken struct {
	Port int
	Flag string
}

// Error is the sentence that the user reads.
func (e *Taken) Error() string {
	sentence := fmt.Sprintf("port %d is taken (by another program?)", e.Port)
	if e.Flag != "" {
		sentence += "; choose another with " + e.Flag
	}
	return sentence
}

// Addr is the address of a port on 127.0.0.1.
func Addr(port int) string { return net.JoinHostPort(Host, strconv.Itoa(port)) }

// Check returns *Taken when the port is in use; flag is named in the
// sentence, for example "--temporal-port". Port 0 (any free) is always fine.
func Check(flag string, port int) error {
	if port == 0 {
		return nil
	}
	listener, err := Listen(context.Background(), flag, port)
	if err != nil {
		return err
	}
	return listener.Close()
}

// Listen binds 127.0.0.1 at the port, 0 for any free one.
func Listen(ctx context.Context, flag string, port int) (net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("%d is not a port: %s takes a number from 0 (any free one) to 65535", port, flag)
	}
	if port != 0 && answers(ctx, port) {
		return nil, &Taken{Port: port, Flag: flag}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", Addr(port))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &Taken{Port: port, Flag: flag}
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", Addr(port), err)
	}
	return listener, nil
}

// answers exists for macOS: there, binding 127.0.0.1 succeeds although another
// program listens on the same port of every address.
func answers(ctx context.Context, port int) bool {
	dialer := net.Dialer{Timeout: 200 * time.Millisecond}
	conn, err := dialer.DialContext(ctx, "tcp4", Addr(port))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// Of is the port that a TCP listener listens on.
func Of(listener net.Listener) int {
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		return address.Port
	}
	return 0
}
