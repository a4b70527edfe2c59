// Command worker is the production worker: it serves the task queue `relance`,
// /healthz and /metrics, and stops gently. It is configured by the environment
// alone; see docs/production.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	sdklog "go.temporal.io/sdk/log"

	"relance/internal/engine"
	"relance/internal/settings"
	"relance/internal/store"
	"relance/internal/temporalio"
)

func main() {
	healthcheck := flag.Bool("healthcheck", false, "ask the worker on this machine whether it is well, and exit 0 or 1")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := serve
	if *healthcheck {
		run = askHealth
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	slog.SetDefault(logger)
	configured, err := settings.Read(os.LookupEnv)
	if err != nil {
		return err
	}
	var database *store.Store
	if err := untilItAnswers(ctx, logger, func() (err error) {
		database, err = store.Open(ctx, configured.DatabaseURL, configured.SecretKey)
		return err
	}); err != nil {
		return err
	}
	defer database.Close()
	if err := database.CheckSchema(ctx); err != nil {
		return err
	}
	options, err := temporalio.Options(os.LookupEnv)
	if err != nil {
		return err
	}
	metrics, metricsPage, err := newMetrics()
	if err != nil {
		return err
	}
	options.Logger, options.MetricsHandler = sdklog.NewStructuredLogger(logger), metrics
	outreach := &temporalio.Outreach{Namespace: options.Namespace, Retry: configured.Retry}
	if err := untilItAnswers(ctx, logger, func() (err error) {
		outreach.Client, err = temporalio.Dial(ctx, options)
		return err
	}); err != nil {
		return err
	}
	defer outreach.Close()

	worker := engine.New(engine.Options{
		Store: database, Client: outreach.Client, Namespace: options.Namespace, Settings: configured,
	})
	if err := worker.Start(); err != nil {
		return err
	}
	page := &http.Server{
		Addr: configured.HTTPAddress, Handler: pages(database, outreach.Client, metricsPage), ReadHeaderTimeout: 10 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- page.ListenAndServe() }()
	logger.Info("the worker serves", "namespace", options.Namespace, "temporal", options.HostPort, "http", configured.HTTPAddress)

	select {
	case <-ctx.Done():
		logger.Info("stopping: no new work is taken, sends in flight are waited for")
		err = nil
	case err = <-failed:
		err = fmt.Errorf("/healthz and /metrics cannot be served: %w", err)
	}
	worker.Stop()
	_ = page.Close()
	logger.Info("stopped")
	return err
}

// untilItAnswers tries to connect until it succeeds or the worker is stopped:
// a worker that starts before its servers waits for them.
func untilItAnswers(ctx context.Context, logger *slog.Logger, connect func() error) error {
	for {
		err := connect()
		if err == nil {
			return nil
		}
		logger.Warn("waiting", "for", err.Error())
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return err
		}
	}
}
