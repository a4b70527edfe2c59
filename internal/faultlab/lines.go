package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"relance/internal/devstack/port"
)

// line is a connection between the workers and one server, which can be cut
// and stalled.
type line struct {
	mu    sync.Mutex
	proxy *toxiproxy.Proxy
	port  int
}

func newLine(name string, to int) (*line, error) {
	number, err := port.Free()
	if err != nil {
		return nil, err
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &line{proxy: toxiproxy.NewProxy(server, name, port.Addr(number), port.Addr(to)), port: number}
	return l, l.proxy.Start()
}

// cut closes every connection, in both directions; new ones are taken at once.
func (l *line) cut() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.proxy.Stop()
	for deadline := time.Now().Add(5 * time.Second); ; {
		err := l.proxy.Start()
		if err == nil || errors.Is(err, toxiproxy.ErrProxyAlreadyStarted) || time.Now().After(deadline) {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// disturb puts toxics on both directions for a while.
func (l *line) disturb(kind string, attributes string, length time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stream := range []string{"upstream", "downstream"} {
		text := fmt.Sprintf(`{"name": "lab-%s", "type": %q, "stream": %q, "attributes": %s}`, stream, kind, stream, attributes)
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			return fmt.Errorf("toxic %s: %w", kind, err)
		}
	}
	<-time.After(length)
	l.proxy.Toxics.ResetToxics(context.Background())
	return nil
}

// reset answers with RST whatever is said.
func (l *line) reset() error { return l.disturb("reset_peer", `{"timeout": 0}`, 300*time.Millisecond) }

// stall keeps what is said for three seconds, and lets it go.
func (l *line) stall() error { return l.disturb("latency", `{"latency": 3000}`, 3*time.Second) }

// swallow drops what is said, and hangs up after a second of silence.
func (l *line) swallow() error {
	return l.disturb("timeout", `{"timeout": 1000}`, 1500*time.Millisecond)
}

// end closes the line for good.
func (l *line) end() { l.proxy.Stop() }
