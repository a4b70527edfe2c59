// Package temporalio connects Relance to a Temporal server: it dials by the
// ecosystem's own variables, registers the search attributes and the schedules,
// and starts, signals and queries workflows for the CLI and the activities.
package temporalio

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"

	"relance/internal/settings"
)

// dialTimeout is how long a server may take to answer the first call.
const dialTimeout = 10 * time.Second

// environment lets a program's own look-up replace the process's variables.
type environment struct{ lookup settings.Lookup }

func (environment) Environ() []string                      { return os.Environ() }
func (e environment) LookupEnv(name string) (string, bool) { return e.lookup(name) }

// Options reads address, namespace, TLS, API key and profile from
// TEMPORAL_ADDRESS and its sisters, or from the ecosystem's temporal.toml.
func Options(lookup settings.Lookup) (client.Options, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: environment{lookup}})
	if err != nil {
		return options, fmt.Errorf("the TEMPORAL_… settings cannot be read: %w", err)
	}
	if options.HostPort == "" {
		options.HostPort = fmt.Sprintf("127.0.0.1:%d", settings.DevTemporalPort)
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	return options, nil
}

// Dial connects and makes sure that the server answers; the error is one
// sentence that names the server.
func Dial(ctx context.Context, options client.Options) (client.Client, error) {
	if options.Logger == nil {
		options.Logger = silent{}
	}
	options.ConnectionOptions.DialOptions = append(slices.Clone(options.ConnectionOptions.DialOptions), grpc.WithChainUnaryInterceptor(stripTypes, retryLostAnswers))
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	connection, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("Temporal at %s (namespace %s) does not answer: %w", options.HostPort, options.Namespace, err)
	}
	return connection, nil
}

// silent is the logger of a CLI: what matters comes back as an error.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

var _ log.Logger = silent{}
