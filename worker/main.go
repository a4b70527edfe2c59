// Command worker is the production worker: it serves the task queue `relance`,
// /healthz and /metrics, and stops gently. It is configured by the environment
// alone; see docs/production.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"relance/internal/engine"
	"relance/internal/settings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(stderr)
	healthcheck := flags.Bool("healthcheck", false, "ask the worker on this machine whether it is well, and exit 0 or 1")
	showVersion := flags.Bool("version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *showVersion {
		fmt.Fprintln(stdout, "worker", settings.Build())
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	work := serve
	if *healthcheck {
		work = askHealth
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(stderr, "worker:", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context) error {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With("version", settings.Build())
	slog.SetDefault(logger)
	configured, err := settings.ReadProduction(os.LookupEnv)
	if err != nil {
		return err
	}
	metrics, meter, metricsPage, err := newMetrics()
	if err != nil {
		return err
	}
	servers, err := engine.Connect(ctx, configured, os.LookupEnv, metrics, logger)
	if err != nil {
		return err
	}
	defer servers.Close()
	if err := engine.ShowTrouble(meter, servers.Store.CountTrouble); err != nil {
		return err
	}
	if err := engine.ShowLine(meter, servers.Store.LineNumbers); err != nil {
		return err
	}
	worker := engine.New(engine.Options{
		Store: servers.Store, Client: servers.Client, Namespace: servers.Namespace, Settings: configured, Log: logger,
	})
	if err := worker.Start(); err != nil {
		return err
	}
	page := &http.Server{Addr: configured.HTTPAddress, Handler: pages(servers, metricsPage), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- fmt.Errorf("/healthz and /metrics cannot be served: %w", page.ListenAndServe()) }()
	if public := engine.PublicPage(configured, servers.Store, logger); public != nil {
		defer func() { _ = public.Close() }()
		go func() {
			failed <- fmt.Errorf("the page to unsubscribe on cannot be served: %w", public.ListenAndServe())
		}()
	}
	logger.Info("the worker serves", "namespace", servers.Namespace, "temporal", servers.Address, "http", configured.HTTPAddress,
		"deployment", configured.Deployment.Name, "buildId", configured.Deployment.BuildID) // empty: not versioned

	select {
	case <-ctx.Done():
		logger.Info("stopping: no new work is taken, sends in flight are waited for")
	case err = <-worker.Failed():
		err = fmt.Errorf("Temporal has no more work for this worker: %w", err)
	case err = <-failed:
	}
	worker.Stop()
	_ = page.Close()
	logger.Info("stopped")
	return err
}
