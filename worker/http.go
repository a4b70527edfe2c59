package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/prometheus"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"relance/internal/engine"
	"relance/internal/settings"
)

// newMetrics gives the SDK's metrics a Prometheus page, and the meter for ours.
func newMetrics() (client.MetricsHandler, otelmetric.Meter, http.Handler, error) {
	exporter, err := prometheus.New()
	if err != nil {
		return nil, nil, nil, err
	}
	// The SDK measures latencies in seconds; OpenTelemetry's own buckets begin at five.
	latencies := metric.NewView(metric.Instrument{Kind: metric.InstrumentKindHistogram}, metric.Stream{
		Aggregation: metric.AggregationExplicitBucketHistogram{
			Boundaries: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		},
	})
	meter := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(latencies)).Meter("relance")
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{Meter: meter}), meter, promhttp.Handler(), nil
}

// pages serves /healthz, which asks both servers, and /metrics.
func pages(servers *engine.Connections, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		health := map[string]string{"postgresql": "ok", "temporal": "ok"}
		status := http.StatusOK
		postgres, temporal := servers.Health(ctx)
		if postgres != nil {
			health["postgresql"], status = postgres.Error(), http.StatusServiceUnavailable
		}
		if temporal != nil {
			health["temporal"], status = temporal.Error(), http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(health)
	})
	return mux
}

// askHealth is the container's health check: the image has no other program.
func askHealth(ctx context.Context) error {
	configured, err := settings.Read(os.LookupEnv)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(configured.HTTPAddress)
	if err != nil {
		return fmt.Errorf("RELANCE_HTTP_ADDRESS is %q; expected host:port", configured.HTTPAddress)
	}
	if address := net.ParseIP(host); host == "" || (address != nil && address.IsUnspecified()) {
		host = "127.0.0.1"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/healthz answers %s", answer.Status)
	}
	return nil
}
