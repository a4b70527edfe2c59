package engine

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"relance/internal/store"
)

// ShowLine adds to the metrics what the lines of the email accounts look like, which every
// worker of a database shows alike, as ShowTrouble does.
func ShowLine(meter metric.Meter, count func(context.Context) (store.LineNumbers, error)) error {
	inLine, err1 := meter.Int64ObservableGauge("relance_in_line",
		metric.WithDescription("Contacts in the lines of all email accounts, by state."))
	oldest, err2 := meter.Float64ObservableGauge("relance_line_oldest", metric.WithUnit("s"),
		metric.WithDescription("How long the one has waited that waits longest for a turn and whose window is open."))
	lapsed, err3 := meter.Int64ObservableGauge("relance_turns_lapsed",
		metric.WithDescription("Contacts in line that have let a turn lapse."))
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	_, err := meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		ctx, cancel := context.WithTimeout(ctx, countTimeout)
		defer cancel()
		numbers, err := count(ctx)
		if err != nil {
			slog.Warn("the metrics lack the lines", "error", err)
			return nil
		}
		for state, n := range numbers.States {
			observer.ObserveInt64(inLine, int64(n), metric.WithAttributes(attribute.String("state", string(state))))
		}
		observer.ObserveFloat64(oldest, numbers.Oldest.Seconds())
		observer.ObserveInt64(lapsed, int64(numbers.Lapsed))
		return nil
	}, inLine, oldest, lapsed)
	return err
}
