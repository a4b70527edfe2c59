package engine

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"

	"relance/internal/store"
)

// countTimeout is short: a reader of the metrics does not wait for a database
// that is away.
const countTimeout = 2 * time.Second

// ShowTrouble adds two gauges to the metrics, which every worker of a database
// shows alike: read from PostgreSQL when the page is asked for. While
// PostgreSQL does not answer they are not shown.
func ShowTrouble(meter metric.Meter, count func(context.Context) (store.Trouble, error)) error {
	ended, err1 := meter.Int64ObservableGauge("relance_ended_workflows",
		metric.WithDescription("Enrollments that nothing moves: their workflow was ended from outside."))
	retrying, err2 := meter.Int64ObservableGauge("relance_retrying",
		metric.WithDescription("Enrollments at a step that has failed and is tried again."))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, countTimeout)
		defer cancel()
		counted, err := count(ctx)
		if err != nil {
			slog.Warn("the metrics lack what PostgreSQL counts", "error", err)
			return nil
		}
		observer.ObserveInt64(ended, int64(counted.Ended))
		observer.ObserveInt64(retrying, int64(counted.Retrying))
		return nil
	}, ended, retrying)
	return err
}
