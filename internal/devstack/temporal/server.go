// Package temporal runs the Temporal server in this process, on PostgreSQL.
//
// It owns the server's configuration, its schema and its namespace. It knows
// nothing of the workflows that run on it; search attributes are registered by
// the program that needs them. Only the dev stack and tests may import it: it links the
// whole server.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/temporal"

	"relance/internal/devstack/port"
)

// Flag is the command-line flag that the sentence about a taken port names.
const Flag = "--temporal-port"

// Options of a server. Only DatabaseURL is needed.
type Options struct {
	DatabaseURL func(database string) string // a URL of any database of the PostgreSQL server
	Port        int                          // of the frontend (gRPC); 0 = any free one
	Namespace   string                       // made when missing; "default" when empty
	Shards      int                          // of the history service, fixed by the first start; 4 when 0
	Log         io.Writer                    // warnings and errors; may be nil

	// DynamicConfig overrides settings by name, for example
	// {"matching.enableFairness": false}.
	DynamicConfig map[string]any

	// FaultInjection makes the server's own storage fail on purpose; for tests
	// of what workers do when Temporal is in trouble.
	FaultInjection *config.FaultInjection
}

// Server is a running Temporal server.
type Server struct {
	server   temporal.Server
	frontend int
	stopping sync.Once
}

// Start makes the databases and brings them to the schema of this version,
// starts the server, and returns when the namespace is really served. It
// returns *port.Taken when o.Port is in use.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.DatabaseURL == nil {
		return nil, errors.New("the Temporal server needs a PostgreSQL server")
	}
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Shards == 0 {
		o.Shards = 4
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if err := port.Check(Flag, o.Port); err != nil {
		return nil, err // the server itself would end the process
	}
	logger := newLogger(o.Log)
	if err := prepare(ctx, o.DatabaseURL, logger); err != nil {
		return nil, err
	}
	ports, err := choosePorts(o.Port)
	if err != nil {
		return nil, err
	}
	settings, err := configure(o, ports)
	if err != nil {
		return nil, err
	}
	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(settings),
		temporal.WithStaticHosts(ports.hosts()),
		temporal.WithDynamicConfigClient(laptop(o.DynamicConfig)),
		temporal.WithLogger(logger),
	)
	if err != nil {
		return nil, fmt.Errorf("Temporal cannot start: %w", err)
	}
	s := &Server{server: server, frontend: ports.frontend}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("Temporal did not start: %w", err)
	}
	if err := s.AddNamespace(ctx, o.Namespace); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// AddNamespace makes a namespace when it is missing, and returns when it is really served.
func (s *Server) AddNamespace(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return serve(ctx, s.Address(), name)
}

// Address is host:port of the frontend, for client.Options.HostPort.
func (s *Server) Address() string { return port.Addr(s.frontend) }

// Addr is Address, named as in the other parts of the dev stack.
func (s *Server) Addr() string { return s.Address() }

// Port is the frontend's port.
func (s *Server) Port() int { return s.frontend }

// Stop ends all services and waits for them. It may be called twice.
func (s *Server) Stop() {
	s.stopping.Do(func() { _ = s.server.Stop() }) // it only ever returns nil
}
