// Package webui serves Temporal's Web UI from this process. It owns nothing but
// the HTTP server; what it shows comes from the Temporal server it is pointed at.
package webui

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"

	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--ui-port"

// Options of the Web UI. Only TemporalAddress is needed.
type Options struct {
	Port            int    // 0 = any free one
	TemporalAddress string // host:port of the frontend
	Namespace       string // shown first; "default" when empty
}

// Server is a running Web UI.
type Server struct {
	ui       *server.Server
	number   int
	serving  chan struct{}
	stopping sync.Once
}

// Start returns when pages are served. It returns *port.Taken when o.Port
// is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if err := port.Check(Flag, o.Port); err != nil {
		return nil, err // the library would end the process
	}
	if o.Port == 0 {
		free, err := port.Free()
		if err != nil {
			return nil, err
		}
		o.Port = free
	}
	s := &Server{number: o.Port, serving: make(chan struct{})}
	s.ui = server.NewServer(server_options.WithConfigProvider(&config.Config{
		Host: port.Host, Port: o.Port,
		TemporalGRPCAddress: o.TemporalAddress, DefaultNamespace: o.Namespace,
		EnableUI: true, HideLogs: true, DisableNewsFetch: true,
		// Without TLS the browser keeps no secure cookie, and signals from the
		// pages would be refused.
		CORS: config.CORS{CookieInsecure: true},
	}))
	go func() {
		defer close(s.serving)
		_ = s.ui.Start() // ends when it is stopped
	}()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.await(ctx); err != nil {
		s.Stop()
		return nil, fmt.Errorf("the Web UI does not answer: %w", err)
	}
	return s, nil
}

func (s *Server) await(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/healthz", nil)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		response, err := http.DefaultTransport.RoundTrip(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return err
		}
	}
}

// URL is the address for a browser, without a slash at the end.
func (s *Server) URL() string { return "http://" + s.Addr() }

// Addr is host:port.
func (s *Server) Addr() string { return port.Addr(s.number) }

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.number }

// Stop ends the server and waits for it. It may be called twice.
func (s *Server) Stop() {
	s.stopping.Do(func() {
		s.ui.Stop()
		<-s.serving
	})
}
