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
	return l.cutNow()
}

func (l *line) cutNow() error {
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
func (l *line) disturb(kind, attributes string, length time.Duration) error {
	return l.during(kind, attributes, []string{"upstream", "downstream"}, func() error {
		<-time.After(length)
		return nil
	})
}

func (l *line) during(kind, attributes string, streams []string, do func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, stream := range streams {
		text := fmt.Sprintf(`{"name": "lab-%s", "type": %q, "stream": %q, "attributes": %s}`, stream, kind, stream, attributes)
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
			return fmt.Errorf("toxic %s: %w", kind, err)
		}
	}
	err := do()
	l.proxy.Toxics.ResetToxics(context.Background())
	return err
}

// stalled keeps back what is said in one direction while something is done that no
// call survives which waits for an answer.
func (l *line) stalled(stream string, do func() error) error {
	return l.during("latency", `{"latency": 60000}`, []string{stream}, do)
}

// lost drops what is said in one direction while something is done, and hangs up then.
func (l *line) lost(stream string, do func() error) error {
	return l.during("timeout", `{"timeout": 0}`, []string{stream}, do)
}

// reset answers with RST whatever is said.
func (l *line) reset() error { return l.disturb("reset_peer", `{"timeout": 0}`, 300*time.Millisecond) }

// stall keeps what is said for three seconds, and lets it go.
func (l *line) stall() error { return l.disturb("latency", `{"latency": 3000}`, 3*time.Second) }

// slow makes everything half a second late, and lets little through at once.
func (l *line) slow() error {
	return l.disturb("latency", `{"latency": 250, "jitter": 100}`, 4*time.Second)
}

// swallow drops what is said, and hangs up after a second of silence.
func (l *line) swallow() error {
	return l.disturb("timeout", `{"timeout": 1000}`, 1500*time.Millisecond)
}

// end closes the line for good.
func (l *line) end() { l.proxy.Stop() }
