// Package recovery tries what an operator does when a server was lost: it loses
// Temporal, PostgreSQL or both for real, runs `starter reconcile`, and lets the
// inbox's own log judge whether anybody was mailed twice or forgotten.
package recovery

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"relance/internal/cli"
	"relance/internal/devstack/inbox"
	"relance/internal/devstack/postgres"
	"relance/internal/devstack/temporal"
	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/temporalio"
)

// patience is how long anything may take on a busy machine before it counts as
// not happening.
const patience = 2 * time.Minute

// The databases that can be lost.
const (
	product    = "product"
	executions = "temporal"
	visibility = "temporal_visibility"
)

// system is a whole installation of the test's own, in parts that can be lost
// one by one.
type system struct {
	t        *testing.T
	ctx      context.Context
	dir      string
	server   *postgres.Server
	inbox    *inbox.Server
	temporal *temporal.Server
	servers  *engine.Connections
	engine   *engine.Engine
	env      map[string]string
}

// start brings up PostgreSQL, Temporal and an inbox, without a worker.
func start(t *testing.T, o inbox.Options) *system {
	t.Helper()
	s := &system{t: t, ctx: context.Background(), dir: t.TempDir()}
	s.startPostgres()
	s.env = map[string]string{
		"DATABASE_URL": s.server.URL(product), "TEMPORAL_NAMESPACE": "default", "RELANCE_USER": "tess",
		"RELANCE_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"RELANCE_RETRY":      "initial=100ms,factor=2,max=400ms,attempts=3",
	}
	o.Dir = filepath.Join(s.dir, "inbox")
	var err error
	s.inbox, err = inbox.Start(s.ctx, o)
	require.NoError(t, err)
	t.Cleanup(s.inbox.Stop)
	require.NoError(t, s.server.CreateDatabase(s.ctx, product))
	s.startTemporal()
	t.Cleanup(func() {
		s.stopWorker()
		s.stopTemporal()
	})
	s.run("migrate")
	s.apply(workspace)
	return s
}

// startPostgres starts a PostgreSQL of the test's own: Temporal's databases have fixed names.
func (s *system) startPostgres() {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "relance-recovery-") // a socket's path is short
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s.server, err = postgres.Start(s.ctx, postgres.Options{Dir: dir, FastUnsafe: true})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = s.server.Stop(context.Background()) })
}

func (s *system) startTemporal() {
	s.t.Helper()
	var err error
	s.temporal, err = temporal.Start(s.ctx, temporal.Options{DatabaseURL: s.server.URL, DynamicConfig: map[string]any{
		"frontend.enableCancelWorkerPollsOnShutdown": true, // a worker that was stopped is forgotten at once
	}})
	require.NoError(s.t, err)
	s.env["TEMPORAL_ADDRESS"] = s.temporal.Address()
}

func (s *system) stopTemporal() {
	if s.temporal != nil {
		s.temporal.Stop()
		s.temporal = nil
	}
}

// startWorker starts a worker with connections of its own.
func (s *system) startWorker() {
	s.t.Helper()
	configured, err := settings.Read(s.lookup)
	require.NoError(s.t, err)
	s.servers, err = engine.Connect(s.ctx, configured, s.lookup, nil, slog.New(slog.DiscardHandler))
	require.NoError(s.t, err)
	s.engine = engine.New(engine.Options{
		Store: s.servers.Store, Client: s.servers.Client, Namespace: s.servers.Namespace, Settings: configured, StopTimeout: time.Second,
	})
	// A worker that is gone here is gone: nobody waits for an answer that it may still get.
	s.engine.Activities.Emails.Grace, s.engine.Activities.Texts.Grace = 0, 0
	require.NoError(s.t, s.engine.Start())
}

// stopWorker gives sends in flight a second, and no more.
func (s *system) stopWorker() {
	if s.engine != nil {
		s.engine.Stop()
		s.servers.Close()
		s.engine, s.servers = nil, nil
	}
}

func (s *system) lookup(name string) (string, bool) {
	value, ok := s.env[name]
	return value, ok
}

// outreach is a connection to Temporal for the length of the test.
func (s *system) outreach() *temporalio.Client {
	s.t.Helper()
	options, err := temporalio.Options(s.lookup)
	require.NoError(s.t, err)
	connection, err := temporalio.Dial(s.ctx, options)
	require.NoError(s.t, err)
	s.t.Cleanup(connection.Close)
	return &temporalio.Client{Client: connection, Namespace: options.Namespace}
}

// try runs one command and returns its exit code and what it printed.
func (s *system) try(stdin string, args ...string) (int, string, string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Run(s.ctx, cli.Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, LookupEnv: s.lookup,
	})
	return code, stdout.String(), stderr.String()
}

// run runs one command that must succeed.
func (s *system) run(args ...string) string {
	s.t.Helper()
	return s.feed("", args...)
}

func (s *system) feed(stdin string, args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.try(stdin, args...)
	require.Zero(s.t, code, "starter %s: %s%s", strings.Join(args, " "), stdout, stderr)
	return stdout
}

// sql runs a statement on the server.
func (s *system) sql(statement string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.ctx, s.server.URL("postgres"))
	require.NoError(s.t, err)
	defer conn.Close(s.ctx)
	_, err = conn.Exec(s.ctx, statement)
	require.NoError(s.t, err, statement)
}

func (s *system) drop(database string) {
	s.t.Helper()
	s.sql(`DROP DATABASE IF EXISTS ` + database + ` WITH (FORCE)`)
}

func (s *system) dropTemporal() {
	s.t.Helper()
	s.drop(executions)
	s.drop(visibility)
}

// backUp copies a database that nobody is connected to; it returns the moment.
func (s *system) backUp(databases ...string) string {
	s.t.Helper()
	for _, database := range databases {
		s.drop("backup_" + database)
		s.sql(`CREATE DATABASE backup_` + database + ` TEMPLATE ` + database)
	}
	return time.Now().UTC().Format(time.RFC3339Nano)
}

// restore puts the copies in the place of what is there.
func (s *system) restore(databases ...string) {
	s.t.Helper()
	for _, database := range databases {
		s.drop(database)
		s.sql(`CREATE DATABASE ` + database + ` TEMPLATE backup_` + database)
	}
}
