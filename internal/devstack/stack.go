// Package devstack is the whole system in one process, for a first look and
// for tests: PostgreSQL, Temporal with its Web UI, an inbox (SMTP and IMAP), a token
// server (OAuth), an SMS gateway, a worker and the page on which recipients unsubscribe. Each part is a package of its own below this one.
//
// Production binaries must not import it: it links the Temporal server.
package devstack

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"time"

	"go.temporal.io/sdk/worker"

	"relance/internal/devstack/inbox"
	"relance/internal/devstack/postgres"
	"relance/internal/devstack/smsgateway"
	"relance/internal/devstack/temporal"
	"relance/internal/devstack/tokens"
	"relance/internal/devstack/webui"
	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/temporalio"
)

// Options of a stack. A port of 0 is any free one.
type Options struct {
	// Dir keeps all state.
	Dir                                                                                             string
	PostgresPort, TemporalPort, WebPort, InboxPort, MailboxPort, GatewayPort, PublicPort, TokenPort int
	// Retry is RELANCE_RETRY for the worker; empty is a few seconds.
	Retry string
	// Tests: no Web UI, and nothing is kept safe on disk.
	NoWeb, FastUnsafe bool
	// NoWorker leaves the worker to the caller.
	NoWorker bool
	// Log takes the parts' warnings and errors; Progress names what comes up.
	Log      io.Writer
	Progress func(string)
}

// Stack is a running system.
type Stack struct {
	Dir      string
	Inbox    *inbox.Server
	Gateway  *smsgateway.Server
	Tokens   *tokens.Server
	Temporal *temporal.Server
	Postgres *postgres.Server
	Outreach *temporalio.Client
	Settings settings.Settings
	WebURL   string
	// PublicURL is the address of the page on which recipients unsubscribe.
	PublicURL string

	env     map[string]string
	logger  *slog.Logger
	servers *engine.Connections
	engine  *engine.Engine
	page    net.Listener // of PublicURL
	stops   []func()
}

// Start brings everything up, in order, and migrates. When a part does not
// come up, those that did are stopped, and the error says in one sentence why.
func Start(ctx context.Context, o Options) (stack *Stack, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Retry == "" {
		o.Retry = settings.DevRetry
	}
	s := &Stack{Dir: o.Dir, env: map[string]string{}, logger: slog.New(slog.NewTextHandler(o.Log, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	for _, start := range []func(context.Context, Options) error{
		s.startPostgres, s.startTokens, s.startInbox, s.startGateway, s.startTemporal, s.startWeb, s.listenPublic, s.configure, s.prepare, s.servePublic,
	} {
		if err := start(ctx, o); err != nil {
			return nil, err
		}
	}
	if !o.NoWorker {
		o.Progress("worker")
		if err := s.StartWorker(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Stack) startPostgres(ctx context.Context, o Options) (err error) {
	o.Progress("PostgreSQL")
	s.Postgres, err = postgres.Start(ctx, postgres.Options{
		Dir: o.Dir, Port: o.PostgresPort, User: "relance", Password: "relance", Database: settings.DevDatabase,
		Log: o.Log, FastUnsafe: o.FastUnsafe,
	})
	if err != nil {
		return err
	}
	s.onStop(func() { _ = s.Postgres.Stop(context.Background()) })
	s.env["DATABASE_URL"] = s.Postgres.URL(settings.DevDatabase)
	return s.Postgres.CreateDatabase(ctx, settings.DevDatabase)
}

func (s *Stack) startTokens(ctx context.Context, o Options) (err error) {
	o.Progress("token server")
	s.Tokens, err = tokens.Start(ctx, tokens.Options{Dir: filepath.Join(o.Dir, "oauth"), Port: o.TokenPort, Log: o.Log})
	if err == nil {
		s.onStop(s.Tokens.Stop)
		s.env["RELANCE_OAUTH_DEV_URL"] = s.Tokens.URL()
	}
	return err
}

func (s *Stack) startInbox(ctx context.Context, o Options) (err error) {
	o.Progress("inbox")
	s.Inbox, err = inbox.Start(ctx, inbox.Options{Dir: filepath.Join(o.Dir, "inbox"), Port: o.InboxPort, Mailboxes: true, IMAPPort: o.MailboxPort, Log: o.Log, OnToken: s.Tokens.Valid})
	if err == nil {
		s.onStop(func() { s.Inbox.Stop() })
	}
	return err
}

func (s *Stack) startGateway(ctx context.Context, o Options) (err error) {
	o.Progress("SMS gateway")
	s.Gateway, err = smsgateway.Start(ctx, smsgateway.Options{Dir: filepath.Join(o.Dir, "sms"), Port: o.GatewayPort, Log: o.Log})
	if err != nil {
		return err
	}
	s.onStop(func() { _ = s.Gateway.Stop() })
	s.env["RELANCE_SMS_URL"] = "http://127.0.0.1:" + strconv.Itoa(s.Gateway.Port())
	s.env["RELANCE_SMS_ACCOUNT_SID"], s.env["RELANCE_SMS_AUTH_TOKEN"] = smsgateway.AccountSID, smsgateway.AuthToken
	s.env["RELANCE_SMS_FROM"] = "+15005550006"
	return nil
}

func (s *Stack) startTemporal(ctx context.Context, o Options) (err error) {
	o.Progress("Temporal")
	if !o.NoWorker { // it shares the cache of the server's own workers, and is to keep nothing in it, as in production
		worker.SetStickyWorkflowCacheSize(0)
	}
	s.Temporal, err = temporal.Start(ctx, temporal.Options{DatabaseURL: s.Postgres.URL, Port: o.TemporalPort, Log: o.Log})
	if err == nil {
		s.onStop(s.Temporal.Stop)
		s.env["TEMPORAL_ADDRESS"], s.env["TEMPORAL_NAMESPACE"] = s.Temporal.Address(), "default"
	}
	return err
}

func (s *Stack) startWeb(ctx context.Context, o Options) error {
	if o.NoWeb {
		return nil
	}
	o.Progress("Temporal Web UI")
	web, err := webui.Start(ctx, webui.Options{Port: o.WebPort, TemporalAddress: s.Temporal.Address(), Namespace: "default"})
	if err != nil {
		return err
	}
	s.onStop(web.Stop)
	s.WebURL = web.URL()
	s.env["RELANCE_WEB_URL"] = s.WebURL
	return nil
}

func (s *Stack) configure(_ context.Context, o Options) (err error) {
	s.env["RELANCE_RETRY"] = o.Retry
	s.Settings, err = settings.Read(s.LookupEnv)
	return err
}

// prepare migrates the schema, and registers with Temporal what it has to know.
func (s *Stack) prepare(ctx context.Context, o Options) (err error) {
	o.Progress("schema and search attributes")
	if err := engine.Migrate(ctx, s.Settings); err != nil {
		return err
	}
	if s.servers, err = engine.Connect(ctx, s.Settings, s.LookupEnv, nil, s.logger); err != nil {
		return err
	}
	s.onStop(s.servers.Close)
	s.Outreach = &temporalio.Client{Client: s.servers.Client, Namespace: s.servers.Namespace, Retry: s.Settings.Retry, FirstTry: temporalio.FirstTry(s.Settings.Deployment)}
	_, err = s.Outreach.Prepare(ctx)
	return err
}

// StartWorker starts the worker, once more after StopWorker.
func (s *Stack) StartWorker() error {
	s.engine = engine.New(engine.Options{
		Store: s.servers.Store, Client: s.servers.Client, Namespace: s.servers.Namespace, Settings: s.Settings, StopTimeout: 20 * time.Second,
	})
	if err := s.engine.Start(); err != nil {
		s.engine = nil
		return fmt.Errorf("the worker does not start: %w", err)
	}
	return nil
}

// StopWorker stops the worker gently.
func (s *Stack) StopWorker() {
	if s.engine != nil {
		s.engine.Stop()
		s.engine = nil
	}
}

// LookupEnv answers for the variables with which programs find this stack.
func (s *Stack) LookupEnv(name string) (string, bool) {
	value, ok := s.env[name]
	return value, ok
}

// Env is the variables with which other programs find this stack.
func (s *Stack) Env() map[string]string { return s.env }

func (s *Stack) onStop(stop func()) { s.stops = append(s.stops, stop) }

// Stop stops everything in the opposite order and waits for it.
func (s *Stack) Stop() {
	s.StopWorker()
	for len(s.stops) > 0 {
		last := len(s.stops) - 1
		s.stops[last]()
		s.stops = s.stops[:last]
	}
}
